// A process that forks while threads update state in parallel loops and by the
// library: the child finds the state as it is between two calls, and can go on.
// RUN: sym-compile %s --emit=obj -o %t.o
// RUN: %cxx -std=c++17 -Wall -Wextra -Werror -I%sym_src/include %S/Inputs/fork.cpp %t.o -L%sym_obj/lib -lSymRuntime \
// RUN:   -Wl,--as-needed -L%llvm_lib -lopenblas -lomp -lmvec -lz -lm -lpthread -o %t
// RUN: env OMP_NUM_THREADS=2 %t | FileCheck %s
// CHECK: 10 of 10 children found whole state

module @fork {
  sym.shared @v : tensor<?xf64>
  sym.shared @steps : tensor<i64> = dense<0>
  sym.func @step() {
    %v = sym.read @v : tensor<?xf64>
    %steps = sym.read @steps : tensor<i64>
    %n = math.sqrt %v : tensor<?xf64>
    %m = arith.mulf %n, %n : tensor<?xf64>
    %w = arith.addf %v, %m : tensor<?xf64>
    %half = arith.constant dense<0.5> : tensor<f64>
    %c0 = arith.constant 0 : index
    %d = tensor.dim %v, %c0 : tensor<?xf64>
    %e = tensor.empty(%d) : tensor<?xf64>
    %h = linalg.broadcast ins(%half : tensor<f64>) outs(%e : tensor<?xf64>) dimensions = [0]
    %x = arith.mulf %w, %h : tensor<?xf64>
    %y = arith.addf %x, %x : tensor<?xf64>
    %z = arith.subf %y, %m : tensor<?xf64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    %onef = arith.constant dense<1.0> : tensor<f64>
    %ones = linalg.broadcast ins(%onef : tensor<f64>) outs(%e : tensor<?xf64>) dimensions = [0]
    %r = arith.addf %v, %ones : tensor<?xf64>
    %t = arith.maximumf %z, %r : tensor<?xf64>
    sym.return updates(@v = %t : tensor<?xf64>, @steps = %next : tensor<i64>)
  }
  sym.shared @m : tensor<?x256xf64>
  sym.func @product() {
    %m = sym.read @m : tensor<?x256xf64>
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f64
    %d = tensor.dim %m, %c0 : tensor<?x256xf64>
    %e = tensor.empty(%d) : tensor<?x256xf64>
    %f = linalg.fill ins(%zero : f64) outs(%e : tensor<?x256xf64>) -> tensor<?x256xf64>
    %s = tensor.cast %m : tensor<?x256xf64> to tensor<256x256xf64>
    %p = linalg.matmul ins(%m, %s : tensor<?x256xf64>, tensor<256x256xf64>) outs(%f : tensor<?x256xf64>) -> tensor<?x256xf64>
    sym.return updates(@m = %p : tensor<?x256xf64>)
  }
}
