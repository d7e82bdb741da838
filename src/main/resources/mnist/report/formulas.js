"use strict";
// Binds MathJax's parts together: LaTeX to SVG.
var parts = MathJax._;
var adaptor = parts.adaptors.liteAdaptor.liteAdaptor();
parts.handlers.html_ts.RegisterHTMLHandler(adaptor);
var formulas = parts.mathjax.mathjax.document("", {
  InputJax: new parts.input.tex_ts.TeX({
    packages: ["base", "ams"],
    formatError: function (input, error) { throw new Error(error.message); }
  }),
  OutputJax: new parts.output.svg_ts.SVG({fontCache: "none", font: new parts.output.svg.fonts.tex_ts.TeXFont()})
});

function svg(latex, display) {
  return adaptor.innerHTML(formulas.convert(latex, {display: display}));
}
