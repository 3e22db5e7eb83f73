#include "callosum/report/page.h"

namespace callosum::report {

std::string_view script() {
  return R"js(
(function () {
  "use strict";
  var root = document.documentElement;
  var themeButton = document.getElementById("theme");
  var choices = ["auto", "light", "dark"];
  var choice = "auto";
  function remembered() {
    var hash = location.hash.slice(1);
    if (choices.indexOf(hash) >= 0) return hash;
    try { return localStorage.getItem("callosum-theme") || "auto"; } catch (e) { return "auto"; }
  }
  function show(next) {
    choice = choices.indexOf(next) >= 0 ? next : "auto";
    if (choice === "auto") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", choice);
    themeButton.textContent = "Theme: " + choice;
  }
  show(remembered());
  themeButton.hidden = false;
  themeButton.addEventListener("click", function () {
    show(choices[(choices.indexOf(choice) + 1) % 3]);
    try { localStorage.setItem("callosum-theme", choice); } catch (e) { }
  });

  function standalone(figure) {
    var svg = figure.querySelector("svg.wide").cloneNode(true);
    var all = [svg].concat(Array.prototype.slice.call(svg.querySelectorAll("*")));
    all.forEach(function (element) { element.removeAttribute("class"); });
    var sheet = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    sheet.setAttribute("width", "100%");
    sheet.setAttribute("height", "100%");
    sheet.setAttribute("fill", "#ffffff");
    svg.insertBefore(sheet, svg.firstChild);
    return svg;
  }
  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }
  function exportFigure(figure, kind) {
    var svg = standalone(figure);
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
        new XMLSerializer().serializeToString(svg);
    var name = (document.body.dataset.network || "network").replace(/[^\w.-]+/g, "_") + "-" +
        figure.id;
    var picture = new Blob([text], { type: "image/svg+xml" });
    if (kind === "svg") { save(picture, name + ".svg"); return; }
    var scale = 3, image = new Image();
    image.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = scale * Number(svg.getAttribute("width"));
      canvas.height = scale * Number(svg.getAttribute("height"));
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { save(blob, name + ".png"); }, "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  }
  Array.prototype.forEach.call(document.querySelectorAll(".exports"), function (group) {
    group.hidden = false;
    group.addEventListener("click", function (event) {
      var kind = event.target.getAttribute("data-export");
      if (kind) exportFigure(group.closest("figure"), kind);
    });
  });

  var copy = document.getElementById("copy");
  if (copy) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      var pre = document.getElementById("configuration");
      function done() {
        copy.textContent = "Copied";
        setTimeout(function () { copy.textContent = "Copy"; }, 1500);
      }
      function select() {
        var range = document.createRange();
        range.selectNodeContents(pre);
        var selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        if (document.execCommand("copy")) done();
      }
      if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(done, select);
      else select();
    });
  }
})();
)js";
}

}  // namespace callosum::report
