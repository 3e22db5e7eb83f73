#include "callosum/report/svg.h"

#include <cmath>

#include "callosum/report/text.h"

namespace callosum::report {

void append_coordinate(std::string& out, double value) {
  auto tenths = static_cast<long long>(std::floor(value * 10 + 0.5));
  if (tenths < 0) {
    out += '-';
    tenths = -tenths;
  }
  char digits[24];
  int n = 0;
  for (long long whole = tenths / 10; whole > 0 || n == 0; whole /= 10)
    digits[n++] = static_cast<char>('0' + whole % 10);
  while (n > 0) out += digits[--n];
  if (tenths % 10 != 0) {
    out += '.';
    out += static_cast<char>('0' + tenths % 10);
  }
}

Svg::Svg(double width, double height, std::string_view css_class, std::string_view label)
    : width_(width), height_(height) {
  text_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ";
  append_coordinate(text_, width);
  text_ += ' ';
  append_coordinate(text_, height);
  text_ += '"';
  attribute("width", width);
  attribute("height", height);
  text_ += " class=\"" + escaped(css_class) + "\" role=\"img\" aria-label=\"" + escaped(label) +
           "\" font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">\n";
}

void Svg::attribute(std::string_view name, double value) {
  text_.append(" ").append(name).append("=\"");
  append_coordinate(text_, value);
  text_ += '"';
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view attributes) {
  text_ += "<line";
  attribute("x1", x1);
  attribute("y1", y1);
  attribute("x2", x2);
  attribute("y2", y2);
  text_.append(" ").append(attributes).append("/>\n");
}

void Svg::rect(double x, double y, double width, double height, std::string_view attributes) {
  text_ += "<rect";
  attribute("x", x);
  attribute("y", y);
  attribute("width", width);
  attribute("height", height);
  text_.append(" ").append(attributes).append("/>\n");
}

void Svg::path(std::string_view d, std::string_view attributes) {
  if (d.empty()) return;
  text_.append("<path d=\"").append(d).append("\" ").append(attributes).append("/>\n");
}

void Svg::text(double x, double y, std::string_view text, Anchor anchor, double size,
               std::string_view attributes) {
  text_ += "<text";
  attribute("x", x);
  attribute("y", y);
  attribute("font-size", size);
  if (anchor != Anchor::start)
    text_.append(" text-anchor=\"")
        .append(anchor == Anchor::middle ? "middle" : "end")
        .append("\"");
  text_.append(" ").append(attributes).append(">").append(escaped(text)).append("</text>\n");
}

void Svg::vertical_text(double x, double y, std::string_view text, double size,
                        std::string_view attributes) {
  std::string turned = "transform=\"rotate(-90 ";
  append_coordinate(turned, x);
  turned += ' ';
  append_coordinate(turned, y);
  this->text(x, y, text, Anchor::middle, size, turned.append(")\" ").append(attributes));
}

void Svg::open_group(std::string_view attributes) {
  text_.append("<g ").append(attributes).append(">\n");
}

void Svg::close_group() { text_ += "</g>\n"; }

std::string Svg::finish() { return std::move(text_) + "</svg>\n"; }

}  // namespace callosum::report
