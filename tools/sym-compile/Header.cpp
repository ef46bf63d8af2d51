//===- Header.cpp - The C header of a program -----------------------------===//

#include "Header.h"

#include "sym/Conversion/Names.h"
#include "sym/Dialect/Sym/IR/Sym.h"
#include "sym/Runtime/abi.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::sym;

namespace {
class HeaderWriter {
public:
  HeaderWriter(ModuleOp module, StringRef name, llvm::raw_ostream &os)
      : module(module), name(name), prefix(getReadable(name)), os(os) {}

  void write(StringRef source);

private:
  void writeFunction(FuncOp function, size_t index);
  void writeVariable(SharedOp shared, size_t index);
  /// The parameters of a value that is passed in, and the lines that make the
  /// `sym_tensor` expression `lvalue` of them.
  void addInput(RankedTensorType type, const std::string &name,
                SmallVectorImpl<std::string> &parameters,
                const std::string &target, std::string &setup);

  /// `name` as a part of a C name: `_` stays, which the exact escaping of
  /// abi.h replaces too.
  static std::string getReadable(StringRef name);
  /// prefix_verb_name, or with the exact escaping if that is taken.
  std::string claim(StringRef verb, StringRef symbol);

  ModuleOp module;
  StringRef name;
  std::string prefix;
  llvm::raw_ostream &os;
  llvm::StringSet<> taken;
};
} // namespace

std::string HeaderWriter::getReadable(StringRef name) {
  std::string result;
  for (char c : name) {
    if (llvm::isAlnum(c) || c == '_')
      result += c;
    else
      result += escapeCName(StringRef(&c, 1));
  }
  return result;
}

std::string HeaderWriter::claim(StringRef verb, StringRef symbol) {
  std::string start = prefix + "_" + verb.str() + (verb.empty() ? "" : "_");
  std::string result = start + getReadable(symbol);
  if (!taken.insert(result).second) {
    result = start + escapeCName(symbol);
    while (!taken.insert(result).second)
      result += "_";
  }
  return result;
}

/// The C type of an element; elements that C lacks are passed as their bytes.
static StringRef getCType(Type type) {
  switch (*getElementCode(type)) {
  case SYM_ELEMENT_BOOL:
    return "bool";
  case SYM_ELEMENT_I8:
    return "int8_t";
  case SYM_ELEMENT_I16:
    return "int16_t";
  case SYM_ELEMENT_I32:
    return "int32_t";
  case SYM_ELEMENT_I64:
    return "int64_t";
  case SYM_ELEMENT_U8:
    return "uint8_t";
  case SYM_ELEMENT_U16:
  case SYM_ELEMENT_F16:
  case SYM_ELEMENT_BF16:
    return "uint16_t";
  case SYM_ELEMENT_U32:
    return "uint32_t";
  case SYM_ELEMENT_U64:
    return "uint64_t";
  case SYM_ELEMENT_F8E4M3FN:
  case SYM_ELEMENT_F8E5M2:
    return "uint8_t";
  case SYM_ELEMENT_F32:
    return "float";
  case SYM_ELEMENT_F64:
    return "double";
  default:
    return "void";
  }
}

static bool hasCType(Type type) { return getCType(type) != "void"; }

/// Bytes of a static shape, as a C expression.
static std::string getSizeExpression(RankedTensorType type) {
  StringRef element = getCType(type.getElementType());
  std::string bytes =
      element == "void" ? llvm::formatv("sym_element_size({0})",
                                        *getElementCode(type.getElementType()))
                              .str()
                        : ("sizeof(" + element + ")").str();
  return llvm::formatv("{0} * {1}", type.getNumElements(), bytes).str();
}

/// A type in a comment.
static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

void HeaderWriter::addInput(RankedTensorType type, const std::string &name,
                            SmallVectorImpl<std::string> &parameters,
                            const std::string &target, std::string &setup) {
  std::string ctype = getCType(type.getElementType()).str();
  bool byValue = type.getRank() == 0 && hasCType(type.getElementType());
  parameters.push_back(byValue ? ctype + " " + name
                               : "const " + ctype + " *" + name);
  std::string sizes = "0";
  if (type.getRank() > 0) {
    sizes = name + "_sizes";
    std::string list;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (d)
        list += ", ";
      if (!type.isDynamicDim(d)) {
        list += std::to_string(type.getDimSize(d));
        continue;
      }
      std::string size = name + "_size" + std::to_string(d);
      parameters.push_back("int64_t " + size);
      list += size;
    }
    setup += llvm::formatv("  const int64_t {0}[] = {{{1}};\n", sizes, list);
  }
  // The interface takes `void *` and does not write what is not lent so.
  setup += llvm::formatv("  {0}.data = (void *){1}{2};\n"
                         "  {0}.element = {3};\n"
                         "  {0}.rank = {4};\n"
                         "  {0}.sizes = {5};\n"
                         "  {0}.strides = 0;\n"
                         "  {0}.space = SYM_SPACE_HOST;\n"
                         "  {0}.space_index = 0;\n",
                         target, byValue ? "&" : "", name,
                         *getElementCode(type.getElementType()), type.getRank(),
                         sizes);
}

static std::string getSignature(FunctionType type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

void HeaderWriter::writeFunction(FuncOp function, size_t index) {
  FunctionType type = function.getFunctionType();
  SmallVector<std::string> parameters = {"sym_instance *instance"};
  std::string setup, before, after;
  for (auto [i, input] : llvm::enumerate(type.getInputs()))
    addInput(cast<RankedTensorType>(input), "arg" + std::to_string(i),
             parameters, "args[" + std::to_string(i) + "]", setup);
  for (auto [i, output] : llvm::enumerate(type.getResults())) {
    auto tensor = cast<RankedTensorType>(output);
    std::string result = "result" + std::to_string(i);
    std::string entry = "results[" + std::to_string(i) + "]";
    before += llvm::formatv("  {0}.buffer = 0;\n  {0}.capacity = 0;\n"
                            "  {0}.sizes = 0;\n  {0}.array = 0;\n",
                            entry);
    if (!tensor.hasStaticShape()) {
      parameters.push_back("sym_array **" + result);
      after += llvm::formatv("  if ({0})\n    *{0} = {1}.array;\n"
                             "  else\n    sym_array_release({1}.array);\n",
                             result, entry);
      continue;
    }
    parameters.push_back(getCType(tensor.getElementType()).str() + " *" +
                         result);
    if (tensor.getRank() > 0) {
      before += llvm::formatv("  int64_t {0}_sizes[{1}];\n", result,
                              tensor.getRank());
      before += llvm::formatv("  {0}.sizes = {1}_sizes;\n", entry, result);
    }
    before += llvm::formatv("  if ({0}) {{\n    {1}.buffer = {0};\n"
                            "    {1}.capacity = {2};\n  }\n",
                            result, entry, getSizeExpression(tensor));
    after += llvm::formatv("  if (!{0})\n    sym_array_release({1}.array);\n",
                           result, entry);
  }

  std::string cname = claim("", function.getSymName());
  os << "/// @" << function.getSymName() << " : " << getSignature(type)
     << "\n///\n/// One transaction. On failure no variable has changed.\n";
  bool hasStatic = false, hasDynamic = false;
  for (Type output : type.getResults())
    (cast<RankedTensorType>(output).hasStaticShape() ? hasStatic : hasDynamic) =
        true;
  if (hasStatic)
    os << "/// Results of a fixed shape go to memory of the caller.\n";
  if (hasDynamic)
    os << "/// The caller owns the arrays and releases them with "
          "sym_array_release.\n";
  if (hasStatic || hasDynamic)
    os << "/// A result that is null is not wanted.\n";
  os << "static inline sym_status " << cname << "("
     << llvm::join(parameters, ", ") << ") {\n";
  size_t numArgs = type.getNumInputs(), numResults = type.getNumResults();
  if (numArgs)
    os << "  sym_tensor args[" << numArgs << "];\n";
  if (numResults)
    os << "  sym_result results[" << numResults << "];\n";
  os << "  sym_status status;\n" << setup << before;
  os << "  status = sym_call(sym_instance_function_at(instance, " << index
     << "), " << (numArgs ? "args" : "0") << ", " << numArgs << ", "
     << (numResults ? "results" : "0") << ", " << numResults << ");\n";
  if (!after.empty())
    os << "  if (status != SYM_OK)\n    return status;\n" << after;
  os << "  return status;\n}\n\n";
}

void HeaderWriter::writeVariable(SharedOp shared, size_t index) {
  RankedTensorType type = shared.getTensorType();
  StringRef ctype = getCType(type.getElementType());
  std::string lookup =
      llvm::formatv("sym_instance_variable_at(instance, {0})", index);
  os << "/// The value of @" << shared.getSymName() << " : " << print(type);
  if (type.hasStaticShape()) {
    os << ", into memory of the caller.\nstatic inline sym_status "
       << claim("get", shared.getSymName()) << "(sym_instance *instance, "
       << ctype << " *value) {\n"
       << "  sym_array *array = 0, *host = 0;\n"
       << "  sym_status status = sym_variable_borrow(" << lookup
       << ", &array);\n"
       << "  if (status != SYM_OK)\n    return status;\n"
       << "  status = sym_array_to_host(array, &host);\n"
       << "  sym_array_release(array);\n"
       << "  if (status != SYM_OK)\n    return status;\n"
       << "  memcpy(value, sym_array_view(host).data, "
       << getSizeExpression(type) << ");\n"
       << "  sym_array_release(host);\n  return status;\n}\n\n";
  } else {
    os << ", which the caller owns.\nstatic inline sym_status "
       << claim("get", shared.getSymName())
       << "(sym_instance *instance, sym_array **value) {\n"
       << "  return sym_variable_get(" << lookup << ", value);\n}\n\n";
  }
  SmallVector<std::string> parameters = {"sym_instance *instance"};
  std::string setup;
  addInput(type, "value", parameters, "tensor", setup);
  os << "/// Stores a copy in @" << shared.getSymName() << " : " << print(type)
     << ".\nstatic inline sym_status " << claim("set", shared.getSymName())
     << "(" << llvm::join(parameters, ", ") << ") {\n  sym_tensor tensor;\n"
     << setup << "  return sym_variable_set(" << lookup << ", &tensor);\n}\n\n";
}

void HeaderWriter::write(StringRef source) {
  std::string guard = "SYM_PROGRAM_" + StringRef(prefix).upper() + "_H";
  std::string descriptor = "sym_program_" + escapeCName(name);
  os << "/* The program '" << name << "', made by sym-compile from " << source
     << ". */\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include \"sym/Runtime/sym_runtime.h\"\n\n"
     << "#include <stdbool.h>\n#include <string.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/// What the object or library of the program defines.\n"
     << "extern const sym_program " << descriptor << ";\n\n"
     << "/// Makes variables with their initial values, and the functions over "
        "them. The\n/// caller owns *instance and ends it with "
     << prefix << "_destroy.\n"
     << "static inline sym_status " << prefix
     << "_create(sym_instance **instance) {\n"
     << "  return sym_instance_create(&" << descriptor << ", instance);\n}\n\n"
     << "/// Must not run while a call through the instance is running.\n"
     << "static inline void " << prefix
     << "_destroy(sym_instance *instance) {\n"
     << "  sym_instance_destroy(instance);\n}\n\n"
     << "/// Writes all variables to an .npz file, atomically.\n"
     << "static inline sym_status " << prefix
     << "_save(sym_instance *instance, const char *path) {\n"
     << "  return sym_instance_save(instance, path);\n}\n\n"
     << "/// Sets variables from an .npz file; with `partial` it may lack "
        "some.\n"
     << "static inline sym_status " << prefix
     << "_load(sym_instance *instance, const char *path, int32_t partial) {\n"
     << "  return sym_instance_load(instance, path, partial);\n}\n\n";
  for (StringRef name : {"create", "destroy", "save", "load"})
    taken.insert(prefix + "_" + name.str());
  for (auto [i, function] : llvm::enumerate(module.getOps<FuncOp>()))
    writeFunction(function, i);
  for (auto [i, shared] : llvm::enumerate(module.getOps<SharedOp>()))
    writeVariable(shared, i);
  for (auto function : module.getOps<func::FuncOp>()) {
    FunctionType type = function.getFunctionType();
    if (function.isExternal() || !function.isPublic() ||
        type.getNumInputs() + type.getNumResults() > 0)
      continue;
    // Its name as a string literal.
    std::string literal;
    llvm::raw_string_ostream(literal).write_escaped(function.getSymName(),
                                                    /*UseHexEscapes=*/false);
    os << "/// Runs the host program @" << function.getSymName()
       << ".\nstatic inline sym_status " << claim("run", function.getSymName())
       << "(sym_instance *instance) {\n  return sym_instance_run(instance, \""
       << literal << "\");\n}\n\n";
  }
  os << "#ifdef __cplusplus\n} // extern \"C\"\n#endif\n\n#endif // " << guard
     << "\n";
}

void mlir::sym::writeHeader(ModuleOp module, StringRef name, StringRef source,
                            llvm::raw_ostream &os) {
  HeaderWriter(module, name, os).write(source);
}
