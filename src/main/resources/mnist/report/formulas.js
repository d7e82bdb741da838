"use strict";
// Binds MathJax's parts together: LaTeX to SVG, and to boxes of outlines for print.
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
var converted = {}; // most formulas are on the page as well as in the PDF

// LaTeX as it is in HTML
function convert(latex, display) {
  const text = latex.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").trim();
  return converted[display + latex] ??= formulas.convert(text, {display: display});
}

// The outlines in SVG; 1000 units are an em.
function svg(latex, display) {
  return adaptor.innerHTML(convert(latex, display));
}

// The LaTeX as an attribute's value, for those who do not see the drawing
function label(latex) {
  return latex.replace(/&gt;/g, ">").replace(/"/g, "&quot;").trim();
}

function placed(drawing, display) {
  return display ? '<span class="display formula">' + drawing + "</span>" : drawing;
}

// SVG for a browser, whatever fonts it has
function forScreen(latex, display) {
  return placed(svg(latex, display).replace("<svg ", () => '<svg aria-label="' + label(latex) + '" '), display);
}

var SCALE = 1.14 / 1000; // ems of the text a unit; the text's letters are larger than TeX's
var PADDING = 100; // units; letters reach beyond their boxes
var ASCENT = 850, DESCENT = 220; // units; a box lower than the line's letters would be set too low

// A box of the formula's size on the baseline of the text around it, with its outlines, which Pdf.java fills
function forPrint(latex, display) {
  const drawing = adaptor.firstChild(convert(latex, display));
  const [x, y, width, height] = numbers(adaptor.getAttribute(drawing, "viewBox"));
  const left = x - PADDING, right = x + width + PADDING;
  const top = Math.min(y - PADDING, -ASCENT), bottom = Math.max(y + height + PADDING, DESCENT);
  const em = units => (SCALE * units).toFixed(4) + "em";
  return placed('<object type="formula" data="' + outlines(drawing, 1, 1, -left, -top) + '" units="' + (right - left)
      + '" alt="' + label(latex) + '" style="display: inline-block; width: ' + em(right - left)
      + "; height: " + em(bottom - top) + "; margin: 0 " + em(-PADDING) + "; vertical-align: " + em(-bottom) + '"/>', display);
}

function numbers(text) {
  return text.match(/-?[\d.]+/g).map(Number);
}

// The outlines of an element and of those within it as one path, scaled and then moved; its commands are absolute.
function outlines(element, scaleX, scaleY, x, y) {
  const attribute = name => adaptor.getAttribute(element, name);
  for (const [, kind, by] of (attribute("transform") || "").matchAll(/(translate|scale)\(([^)]*)\)/g)) {
    const [a, b] = numbers(by);
    if (kind === "scale") [scaleX, scaleY] = [scaleX * a, scaleY * (b ?? a)];
    else [x, y] = [x + scaleX * a, y + scaleY * (b ?? 0)];
  }
  const placed = path => path.replace(/([A-Z])([^A-Z]*)/g, (command, letter, places) =>
    letter + (places.match(/-?[\d.]+/g) || []).map((place, i) =>
      (letter === "V" || letter !== "H" && i % 2 ? y + scaleY * place : x + scaleX * place).toFixed(3)).join(" "));
  switch (adaptor.kind(element)) {
    case "svg": case "g": return adaptor.childNodes(element).map(child => outlines(child, scaleX, scaleY, x, y)).join("");
    case "path": return placed(attribute("d"));
    case "rect": {
      const [left, top, width, height] = ["x", "y", "width", "height"].map(name => Number(attribute(name)));
      return placed(`M${left} ${top}H${left + width}V${top + height}H${left}Z`);
    }
    default: throw new Error("a formula with " + adaptor.kind(element));
  }
}
