"""Prints a module with one function per mathematical function and type."""

UNARY = """acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1
log log10 log1p log2 sin sinh sqrt tan tanh""".split()
BINARY = {"atan2": "atan2", "pow": "powf"}


def emit(name, operation, type, arity):
    inputs = [f"%a{i}" for i in range(arity)]
    memref = f"memref<?x{type}>"
    arguments = ", ".join(f"{v}: {memref}" for v in inputs + ["%r"])
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (arity + 1))
    scalars = [f"%x{i}" for i in range(arity)]
    print(f"""func.func @{name}_{type}({arguments}) {{
  linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
      ins({", ".join(inputs)} : {", ".join([memref] * arity)}) outs(%r : {memref}) {{
  ^bb0({", ".join(f"{s}: {type}" for s in scalars + ["%old"])}):
    %y = math.{operation} {", ".join(scalars)} : {type}
    linalg.yield %y : {type}
  }}
  return
}}""")


for type in ["f32", "f64"]:
    for name in UNARY:
        emit(name, name, type, 1)
    for name, operation in BINARY.items():
        emit(name, operation, type, 2)
