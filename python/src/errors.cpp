#include "convert.h"

namespace callosum::python {
namespace {

/// Name of the class in callosum.errors for an error's kind.
const char* class_name(std::string_view kind) {
  static const std::map<std::string_view, const char*> names = {
      {"syntax", "SyntaxError"},       {"name", "NameError"},   {"unit", "UnitError"},
      {"value", "ValueError"},         {"shape", "ShapeError"}, {"unsupported", "UnsupportedError"},
      {"numerical", "NumericalError"}, {"file", "FileError"},   {"resource", "ResourceError"},
      {"interrupted", "Interrupted"},  {"several", "ErrorList"}};
  const auto at = names.find(kind);
  return at == names.end() ? "Error" : at->second;
}

nb::object location(const std::optional<SourceLocation>& place) {
  if (!place) return nb::none();
  return nb::make_tuple(place->file, place->line, place->column, place->text);
}

void fill(nb::object& error, const ErrorDetail& detail) {
  error.attr("where") = detail.where;
  error.attr("what") = detail.what;
  error.attr("got") = detail.got;
  error.attr("expected") = detail.expected;
  error.attr("nearest") = detail.nearest;
  error.attr("location") = location(detail.location);
}

void raise(const Error& e) {
  nb::object errors = nb::module_::import_("callosum.errors");
  nb::object type = errors.attr(class_name(e.kind()));
  nb::object error = type(e.what());
  fill(error, e.detail());
  if (const auto* several = dynamic_cast<const ErrorList*>(&e)) {
    nb::list all;
    for (const ErrorDetail& detail : several->details()) {
      nb::object one = errors.attr("Error")(message(detail));
      fill(one, detail);
      all.append(one);
    }
    error.attr("errors") = all;
  }
  PyErr_SetObject(type.ptr(), error.ptr());
}

}  // namespace

void bind_errors(nb::module_&) {
  nb::register_exception_translator(
      [](const std::exception_ptr& thrown, void*) {
        try {
          std::rethrow_exception(thrown);
        } catch (const Error& e) {
          raise(e);
        }
      },
      nullptr);
}

}  // namespace callosum::python
