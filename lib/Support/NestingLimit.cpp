//===- NestingLimit.cpp - Refuses text that is nested too deeply ------===//

#include "sym/Support/NestingLimit.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;
using namespace mlir::sym;

namespace {
/// Reads text once, token by token, as far as nesting needs it.
class NestingScanner {
public:
  NestingScanner(StringRef text, unsigned limit) : text(text), limit(limit) {}

  std::optional<size_t> run();
  /// A result that no operation has.
  std::optional<size_t> getFarResult() const { return farResult; }

private:
  void skipString();
  void skipComment();
  void readAlias();
  void open(char bracket);
  void close(char bracket);
  void countOperator();
  void endLine();

  char peek(size_t distance = 1) const {
    return at + distance < text.size() ? text[at + distance] : '\0';
  }
  size_t skipSpace(size_t from) const;
  unsigned depth() const { return brackets.size(); }
  void reach(unsigned reached) {
    definedDepth = std::max(definedDepth, reached);
    if (reached > limit && !tooDeep)
      tooDeep = at;
  }

  StringRef text;
  unsigned limit;
  size_t at = 0;
  std::optional<size_t> tooDeep, farResult;

  struct Bracket {
    char kind;
    /// Operators since the last separator. A chain of them nests in the
    /// parser and in the affine expression that it becomes.
    unsigned operators = 0;
  };
  SmallVector<Bracket> brackets;
  unsigned topOperators = 0;

  /// How deeply what an alias stands for is nested.
  StringMap<unsigned> aliases;
  /// The alias that is being defined, if any, and how deep that is so far.
  StringRef defined;
  unsigned definedDepth = 0;
  /// The last character that is neither space nor comment.
  char last = '\0';
};
} // namespace

static bool isIdentifier(char c) {
  return isAlnum(c) || c == '_' || c == '$' || c == '.' || c == '-';
}

size_t NestingScanner::skipSpace(size_t from) const {
  while (from < text.size()) {
    if (isSpace(text[from]))
      ++from;
    else if (text.substr(from).starts_with("//"))
      from = std::min(text.find('\n', from), text.size());
    else
      break;
  }
  return from;
}

void NestingScanner::skipString() {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
    if (text[at] == '\\')
      ++at;
}

void NestingScanner::skipComment() {
  // Chunks of a split file do not share aliases.
  if (text.substr(at).starts_with("// -----"))
    aliases.clear();
  at = std::min(text.find('\n', at), text.size()) - 1;
}

/// At `#` or `!`: a use of an alias, or its definition.
void NestingScanner::readAlias() {
  size_t end = at + 1;
  while (end < text.size() && isIdentifier(text[end]))
    ++end;
  StringRef name = text.slice(at, end);
  // The parser makes room for as many results.
  unsigned long long number;
  if (!name.drop_front().getAsInteger(10, number) && number > kResultLimit)
    farResult = at;
  size_t next = skipSpace(end);
  bool isDefinition = depth() == 0 && next < text.size() && text[next] == '=' &&
                      !text.substr(next).starts_with("==");
  if (isDefinition) {
    defined = name;
    definedDepth = 0;
    at = next;
    return;
  }
  // A name that is not known yet is a dialect's, or a location's that ends no
  // chain.
  auto alias = aliases.find(name);
  if (alias != aliases.end())
    reach(depth() + alias->second + 1);
  at = end - 1;
}

void NestingScanner::open(char bracket) {
  brackets.push_back({bracket});
  reach(depth());
}

void NestingScanner::close(char bracket) {
  // A closing bracket that fits none is the parser's to refuse.
  if (!brackets.empty() && brackets.back().kind == bracket)
    brackets.pop_back();
}

void NestingScanner::countOperator() {
  unsigned &operators =
      brackets.empty() ? topOperators : brackets.back().operators;
  reach(depth() + ++operators);
}

/// The definition of an alias ends with its line, unless it visibly goes on.
void NestingScanner::endLine() {
  if (defined.empty() || depth() != 0 || StringRef("=:,").contains(last))
    return;
  size_t next = skipSpace(at);
  if (next < text.size() && StringRef("<([{:,-").contains(text[next]))
    return;
  aliases[defined] = definedDepth;
  defined = StringRef();
}

std::optional<size_t> NestingScanner::run() {
  for (; at < text.size() && !tooDeep && !farResult; ++at) {
    char c = text[at];
    switch (c) {
    case '"':
      skipString();
      break;
    case '/':
      if (peek() == '/') {
        skipComment();
        continue;
      }
      break;
    case '\n':
      endLine();
      continue;
    case '#':
    case '!':
      readAlias();
      break;
    case '(':
      open(')');
      break;
    case '[':
      open(']');
      break;
    case '{':
      open('}');
      break;
    case '<':
      if (peek() != '=')
        open('>');
      break;
    case ')':
    case ']':
    case '}':
      close(c);
      break;
    case '>':
      if (peek() != '=')
        close(c);
      break;
    case '-':
      if (peek() == '>')
        ++at;
      else
        countOperator();
      break;
    case '+':
    case '*':
      countOperator();
      break;
    case ',':
    case ':':
    case '=':
    case '@':
    case '^':
      (brackets.empty() ? topOperators : brackets.back().operators) = 0;
      break;
    default:
      if (isAlpha(c)) {
        size_t end = at + 1;
        while (end < text.size() && (isAlnum(text[end]) || text[end] == '_'))
          ++end;
        StringRef word = text.slice(at, end);
        if (word == "floordiv" || word == "ceildiv" || word == "mod")
          countOperator();
        at = end - 1;
      }
      break;
    }
    if (at < text.size() && !isSpace(text[at]))
      last = text[at];
  }
  return tooDeep;
}

LogicalResult mlir::sym::checkNesting(const MemoryBuffer &buffer,
                                      raw_ostream &errors, unsigned limit) {
  if (mlir::isBytecode(buffer.getMemBufferRef()))
    return success();
  NestingScanner scanner(buffer.getBuffer(), limit);
  std::optional<size_t> deep = scanner.run();
  std::optional<size_t> offset = deep ? deep : scanner.getFarResult();
  if (!offset)
    return success();
  StringRef before = buffer.getBuffer().take_front(*offset);
  size_t line = before.count('\n') + 1;
  // npos + 1 is 0: the first line has no line break before it.
  size_t column = *offset - (before.rfind('\n') + 1) + 1;
  errors << buffer.getBufferIdentifier() << ':' << line << ':' << column;
  if (deep)
    errors << ": error: nested more than " << limit << " deep\n";
  else
    errors << ": error: a result number above " << kResultLimit << "\n";
  return failure();
}
