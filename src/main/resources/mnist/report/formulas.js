"use strict";
// Binds MathJax's parts together: svg(latex, display) for print, mathMl(latex, display) for the screen.
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
var visitor = new parts.core.MmlTree.SerializedMmlVisitor.SerializedMmlVisitor();

function svg(latex, display) {
  return adaptor.innerHTML(formulas.convert(latex, {display: display}));
}

function mathMl(latex, display) {
  return visitor.visitTree(formulas.convert(latex, {display: display, end: parts.core.MathItem.STATE.CONVERT}));
}
