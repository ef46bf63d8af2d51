// RUN: sym-compile %s --emit=obj -o %t.o
// RUN: %cc -I %sym_src/include %S/Inputs/failed-calls.c %t.o -L%sym_obj/lib -lSymRuntime \
// RUN:   -Wl,--as-needed -L%llvm_lib -lopenblas -lomp -lmvec -lz -lm -lpthread -lstdc++ -o %t
// RUN: %t | FileCheck %s

// T4: a call that fails changes nothing, in place and out of place, wherever it
// fails.
module @failed {
  sym.shared @s : tensor<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
  sym.shared @t : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

  // Behind an update in the order of the program.
  // CHECK-DAG: in place fail_late: {{.*}}, too small: 5.0; 0 changed
  // CHECK-DAG: out of place fail_late: {{.*}}; 0 changed
  sym.func @fail_late() {
    %s = sym.read @s : tensor<4xf32>
    %c3 = arith.constant 3 : index
    %one = arith.constant dense<1.0> : tensor<4xf32>
    %limit = arith.constant 5.0 : f32
    %n = arith.addf %s, %one : tensor<4xf32>
    %x = tensor.extract %n[%c3] : tensor<4xf32>
    %ok = arith.cmpf ogt, %x, %limit : f32
    sym.check %ok, "too small: {0}" (%x : f32)
    sym.return updates(@s = %n : tensor<4xf32>)
  }

  // In the third iteration of a loop that updates.
  // CHECK-DAG: in place fail_loop: {{.*}}, element 2 is 3; 0 changed
  // CHECK-DAG: out of place fail_loop: {{.*}}; 0 changed
  sym.func @fail_loop() {
    %t = sym.read @t : tensor<?xi64>
    %s = sym.read @s : tensor<4xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %three = arith.constant 3 : i64
    %d = tensor.dim %t, %c0 : tensor<?xi64>
    %r = scf.for %i = %c0 to %d step %c1 iter_args(%u = %t) -> tensor<?xi64> {
      %x = tensor.extract %u[%i] : tensor<?xi64>
      %ok = arith.cmpi ne, %x, %three : i64
      sym.check %ok, "element {0} is {1}" (%i, %x : index, i64)
      %y = arith.addi %x, %x : i64
      %v = tensor.insert %y into %u[%i] : tensor<?xi64>
      scf.yield %v : tensor<?xi64>
    }
    %n = arith.addf %s, %s : tensor<4xf32>
    sym.return updates(@t = %r : tensor<?xi64>, @s = %n : tensor<4xf32>)
  }

  // An index out of range, of a variable's own values.
  // CHECK-DAG: in place fail_scatter: {{.*}}; 0 changed
  // CHECK-DAG: out of place fail_scatter: {{.*}}; 0 changed
  sym.func @fail_scatter() {
    %t = sym.read @t : tensor<?xi64>
    %s = sym.read @s : tensor<4xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %two = arith.constant 2 : i64
    %z = arith.constant 0.0 : f32
    %d = tensor.dim %t, %c0 : tensor<?xi64>
    %r = scf.for %i = %c0 to %d step %c1 iter_args(%u = %s) -> tensor<4xf32> {
      %x = tensor.extract %t[%i] : tensor<?xi64>
      %y = arith.muli %x, %two : i64
      %k = arith.index_cast %y : i64 to index
      %v = tensor.insert %z into %u[%k] : tensor<4xf32>
      scf.yield %v : tensor<4xf32>
    }
    sym.return updates(@s = %r : tensor<4xf32>)
  }

  // Sizes that do not fit, behind the update of another variable.
  // CHECK-DAG: in place fail_shape: {{.*}}; 0 changed
  // CHECK-DAG: out of place fail_shape: {{.*}}; 0 changed
  sym.func @fail_shape() {
    %t = sym.read @t : tensor<?xi64>
    %s = sym.read @s : tensor<4xf32>
    %n = arith.addf %s, %s : tensor<4xf32>
    %k = arith.constant dense<1> : tensor<4xi64>
    %dk = tensor.cast %k : tensor<4xi64> to tensor<?xi64>
    %u = arith.addi %t, %dk : tensor<?xi64>
    sym.return updates(@s = %n : tensor<4xf32>, @t = %u : tensor<?xi64>)
  }

  // And one that does not fail.
  // CHECK-DAG: in place succeed: {{.*}}; 2 changed
  // CHECK-DAG: out of place succeed: {{.*}}; 2 changed
  sym.func @succeed() {
    %t = sym.read @t : tensor<?xi64>
    %s = sym.read @s : tensor<4xf32>
    %n = arith.addf %s, %s : tensor<4xf32>
    %u = arith.addi %t, %t : tensor<?xi64>
    sym.return updates(@s = %n : tensor<4xf32>, @t = %u : tensor<?xi64>)
  }
}
