#include "callosum/model/equations.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

#include "callosum/model/lexer.h"

namespace callosum::model {
namespace {

Span trimmed(const std::string& text, Span s) {
  while (s.begin < s.end && std::isspace(static_cast<unsigned char>(text[s.begin]))) ++s.begin;
  while (s.end > s.begin && std::isspace(static_cast<unsigned char>(text[s.end - 1]))) --s.end;
  return s;
}

// Lines joined where a parenthesis is open, a backslash ends the line, or (equations) no colon has
// come yet. Comments become blanks so that offsets stay.
std::string without_comments(std::string text) {
  bool comment = false;
  for (char& c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (comment) c = ' ';
  }
  return text;
}

std::vector<Span> logical_lines(const std::string& text, bool wait_for_colon) {
  std::vector<Span> lines;
  int begin = 0, depth = 0;
  bool colon = false;
  const auto size = static_cast<int>(text.size());
  for (int i = 0; i <= size; ++i) {
    const char c = i < size ? text[i] : '\n';
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ':') colon = true;
    const bool separator = c == ';' && !wait_for_colon;
    if (c != '\n' && !separator) continue;
    const Span line = trimmed(text, {begin, i});
    const bool empty = line.begin == line.end;
    const bool continued =
        i < size && !empty &&
        ((c == '\n' && depth > 0) || text[line.end - 1] == '\\' || (wait_for_colon && !colon));
    if (continued) continue;
    if (!empty) lines.push_back(line);
    begin = i + 1;
    depth = 0;
    colon = false;
  }
  return lines;
}

struct Flag {
  std::string_view name;
  bool Variable::*member;
  std::string_view forms;  // that may bear it: state, subexpression (x), parameter
};
constexpr std::array<Flag, 8> flags{{{"unless refractory", &Variable::unless_refractory, "s"},
                                     {"constant", &Variable::constant, "p"},
                                     {"constant over dt", &Variable::constant_over_dt, "x"},
                                     {"shared", &Variable::shared, "sxp"},
                                     {"linked", &Variable::linked, "p"},
                                     {"summed", &Variable::summed, "xp"},
                                     {"event-driven", &Variable::event_driven, "s"},
                                     {"clock-driven", &Variable::clock_driven, "s"}}};

// What may stand before the '=' of a statement, the longer ones first; those that a Statement has
// no operation for are written out: x **= a is x = x**a.
constexpr std::array<std::string_view, 7> assigned_operations{"**", "//", "%", "+", "-", "*", "/"};

// "dx/dt = ... or x = ..." for the letters of Flag::forms.
std::string forms_text(std::string_view forms) {
  std::string text;
  for (char form : forms)
    text += std::string(text.empty() ? "" : " or ") + (form == 's'   ? "dx/dt = ... : unit"
                                                       : form == 'x' ? "x = ... : unit"
                                                                     : "x : unit");
  return text;
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c));
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
}

// The name that a line which cannot be read would have given a meaning.
std::string intended_name(const std::string& text, Span line) {
  const auto length = static_cast<std::size_t>(line.end - line.begin);
  std::string left = text.substr(static_cast<std::size_t>(line.begin), length);
  left = squeezed(left.substr(0, left.find_first_of("=:")));
  const auto slash = left.find('/');
  return slash == std::string::npos ? left : squeezed(left.substr(1, slash - 1));
}

class Line {
 public:
  Line(const SourceText& source, Span span) : source_(source), text_(source.text), span_(span) {}

  Variable read() {
    const auto colon = static_cast<int>(text_.find(':', span_.begin));
    if (colon >= span_.end || colon < 0)
      syntax_error(source_, span_, "an equation needs a unit", "'... : volt'");
    read_definition(trimmed(text_, {span_.begin, colon}));
    Span unit = trimmed(text_, {colon + 1, span_.end});
    const auto count = [&](char c) {
      return std::count(text_.begin() + unit.begin, text_.begin() + unit.end, c);
    };
    if (const auto open = static_cast<int>(text_.find('(', unit.begin));
        count('(') > count(')') && open >= 0)
      syntax_error(source_, {open, unit.end}, "this '(' has no ')'", "')'");
    // The flags are the last group of parentheses, if it stands after a blank: (unless refractory).
    if (unit.end > unit.begin && text_[unit.end - 1] == ')') {
      const auto open = static_cast<int>(text_.rfind('(', unit.end));
      if (open > unit.begin) {
        read_flags({open + 1, unit.end - 1});
        unit = trimmed(text_, {unit.begin, open});
      }
    }
    read_unit_or_type(unit);
    return std::move(variable_);
  }

 private:
  void read_definition(Span left) {
    const auto equals = static_cast<int>(text_.find('=', left.begin));
    const bool has_rhs = equals >= 0 && equals < left.end;
    const Span name = trimmed(text_, {left.begin, has_rhs ? equals : left.end});
    std::string word = squeezed(std::string_view(text_).substr(name.begin, name.end - name.begin));
    const auto slash = word.find('/');
    variable_.span = name;
    variable_.kind = has_rhs ? VariableKind::subexpression : VariableKind::parameter;
    variable_.declared = !has_rhs;
    if (slash != std::string::npos) {
      const std::string top = squeezed(word.substr(0, slash)),
                        bottom = squeezed(word.substr(slash + 1));
      if (top.size() < 2 || top[0] != 'd' || bottom != "dt" || !has_rhs)
        syntax_error(source_, name, "this is no derivative", "'dx/dt = ... : unit'");
      word = top.substr(1);
      variable_.kind = VariableKind::state;
    }
    if (!is_name(word))
      syntax_error(source_, name, "this is no name", "'dx/dt = ...', 'x = ...' or 'x : unit'");
    variable_.name = word;
    if (has_rhs) {
      const Span rhs = trimmed(text_, {equals + 1, left.end});
      if (rhs.begin == rhs.end) syntax_error(source_, left, "the right side is missing");
      variable_.rhs = parse_expression(source_, rhs);
    }
  }

  void read_flags(Span span) {
    int begin = span.begin;
    for (int i = span.begin; i <= span.end; ++i) {
      if (i < span.end && text_[i] != ',') continue;
      const Span one = trimmed(text_, {begin, i});
      const std::string word =
          squeezed(std::string_view(text_).substr(one.begin, one.end - one.begin));
      const auto flag =
          std::find_if(flags.begin(), flags.end(), [&](const Flag& f) { return f.name == word; });
      if (flag == flags.end()) {
        std::vector<std::string> known;
        for (const Flag& f : flags) known.emplace_back(f.name);
        throw NameError({.where = source_.name,
                         .what = "unknown flag",
                         .got = word,
                         .expected = {},
                         .nearest = nearest_name(word, known),
                         .location = source_.at(one)});
      }
      const char form = "sxp"[static_cast<int>(variable_.kind)];
      if (flag->forms.find(form) == std::string_view::npos)
        syntax_error(source_, variable_.span,
                     "'" + variable_.name + "' cannot be '" + word + "': that is a flag of " +
                         forms_text(flag->forms));
      variable_.*flag->member = true;
      begin = i + 1;
    }
  }

  void read_unit_or_type(Span span) {
    const std::string word =
        squeezed(std::string_view(text_).substr(span.begin, span.end - span.begin));
    if (word == "boolean")
      variable_.type = ValueType::boolean;
    else if (word == "integer")
      variable_.type = ValueType::integer;
    else if (word == "weight" && variable_.declared)
      variable_.of_weight = true;
    else
      variable_.dimension = read_unit(source_, span);
  }

  const SourceText& source_;
  const std::string& text_;
  Span span_;
  Variable variable_;
};

Dimension unit_of(const SourceText& source, const Expression& e) {
  if (e.kind == ExprKind::number && e.value == 1) return {};
  if (e.kind == ExprKind::name) {
    Quantity unit;
    if (!find_unit(e.text, unit))
      throw NameError(
          {.where = source.name,
           .what = "unknown unit",
           .got = e.text,
           .expected = "a base unit: volt, amp, siemens, second, farad, ohm, Hz, 1 ...",
           .nearest = nearest_name(
               e.text,
               std::vector<std::string>{"volt", "amp", "ampere", "siemens", "second", "farad",
                                        "ohm", "meter", "Hz", "molar", "kelvin", "coulomb", "watt",
                                        "joule", "newton", "boolean", "integer"}),
           .location = source.at(e.span)});
    if (unit.si != 1 && e.text != "molar" && e.text != "M")
      throw UnitError({.where = source.name,
                       .what = "units after ':' are base units, without a prefix",
                       .got = e.text,
                       .expected = unit.dimension.name(),
                       .nearest = {},
                       .location = source.at(e.span)});
    return unit.dimension;
  }
  if (e.kind == ExprKind::binary && e.text == "*")
    return unit_of(source, *e.children[0]) * unit_of(source, *e.children[1]);
  if (e.kind == ExprKind::binary && e.text == "/")
    return unit_of(source, *e.children[0]) / unit_of(source, *e.children[1]);
  if (e.kind == ExprKind::binary && e.text == "**") {
    const Expression* power = e.children[1].get();
    double sign = 1;
    if (power->kind == ExprKind::unary && power->text == "-") {
      sign = -1;
      power = power->children[0].get();
    }
    if (power->kind == ExprKind::number)
      return unit_of(source, *e.children[0]).pow(sign * power->value);
  }
  syntax_error(source, e.span, "this is no unit", "'volt', 'amp/meter**2', '1' ...");
}

template <class Item, class Read>
std::vector<Item> read_lines(const SourceText& source, bool wait_for_colon,
                             std::vector<ErrorDetail>& problems, Read read) {
  SourceText plain = source;
  plain.text = without_comments(source.text);
  std::vector<Item> items;
  for (Span line : logical_lines(plain.text, wait_for_colon)) {
    try {
      items.push_back(read(plain, line));
    } catch (const Error& error) {
      problems.push_back(error.detail());
    }
  }
  return items;
}

}  // namespace

Dimension read_unit(const SourceText& source, Span span) {
  if (span.begin == span.end)
    syntax_error(source, span, "an equation needs a unit", "'... : volt'");
  return unit_of(source, *parse_expression(source, span));
}

std::vector<Variable> read_equations(const SourceText& source, std::vector<ErrorDetail>& problems,
                                     std::set<std::string>& unread) {
  return read_lines<Variable>(source, true, problems, [&](const SourceText& s, Span line) {
    try {
      return Line(s, line).read();
    } catch (const Error&) {
      unread.insert(intended_name(s.text, line));
      throw;
    }
  });
}

std::vector<Statement> read_statements(const SourceText& source,
                                       std::vector<ErrorDetail>& problems) {
  return read_lines<Statement>(source, false, problems, [](const SourceText& s, Span line) {
    const auto equals = static_cast<int>(s.text.find('=', line.begin));
    if (equals < 0 || equals >= line.end)
      syntax_error(s, line, "a statement assigns", "'x = ...' or 'x += ...'");
    const std::string_view before =
        std::string_view(s.text).substr(line.begin, equals - line.begin);
    std::string_view operation;
    for (std::string_view one : assigned_operations)
      if (operation.empty() && before.ends_with(one)) operation = one;
    const Span name = trimmed(s.text, {line.begin, equals - static_cast<int>(operation.size())});
    Statement statement;
    statement.target = s.text.substr(name.begin, name.end - name.begin);
    if (!is_name(statement.target)) syntax_error(s, name, "this is no name", "'x = ...'");
    statement.span = line;
    statement.value = parse_expression(s, {equals + 1, line.end});
    const bool own = operation.size() == 1 && operation != "%";
    statement.op = own ? std::string(operation) + "=" : "=";
    if (!own && !operation.empty())
      statement.value =
          Expression::binary(std::string(operation), Expression::name(statement.target, name),
                             std::move(statement.value), line);
    return statement;
  });
}

}  // namespace callosum::model
