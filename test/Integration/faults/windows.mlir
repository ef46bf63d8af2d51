// Arguments, results and state that are windows over one buffer, with strides of
// every sign: what comes out is what windows that share nothing give (B1, B4,
// B6), though the code was compiled to rely on some of them not overlapping.
// RUN: sym-compile %s --emit=obj -o %t.o
// RUN: %cxx -std=c++17 -O1 -Wall -Wextra -Werror -I%sym_src/include %S/Inputs/windows.cpp %t.o -L%sym_obj/lib -lSymRuntime \
// RUN:   -Wl,--as-needed -L%llvm_lib -lopenblas -lomp -lmvec -lz -lm -lpthread -o %t
// RUN: %t | FileCheck %s
// CHECK: 20000 calls, 0 failures

module @windows {
  sym.shared @s : tensor<?xf64>
  sym.shared @t : tensor<?xf64>
  // Returns s + a + b from before, writes into a, and updates both variables.
  sym.func @mix(%a: tensor<?xf64> {sym.borrow, sym.mutable}, %b: tensor<?xf64> {sym.borrow}, %c: tensor<?xf64>)
      -> (tensor<?xf64>, tensor<?xf64>) {
    %s = sym.read @s : tensor<?xf64>
    %t = sym.read @t : tensor<?xf64>
    %sa = arith.addf %s, %a : tensor<?xf64>
    %sab = arith.addf %sa, %b : tensor<?xf64>
    %aa = arith.addf %a, %a : tensor<?xf64>
    %aac = arith.subf %aa, %c : tensor<?xf64>
    %ns = arith.addf %s, %c : tensor<?xf64>
    %nt = arith.addf %t, %aac : tensor<?xf64>
    sym.return %sab, %aac : tensor<?xf64>, tensor<?xf64> updates(@s = %ns : tensor<?xf64>, @t = %nt : tensor<?xf64>)
  }
}
