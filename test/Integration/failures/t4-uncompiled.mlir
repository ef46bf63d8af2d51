// A function that cannot be compiled fails when it is called; what ran before
// stays, and the call changes nothing (T4). Compiled eagerly, nothing runs; nor
// is there an executable.
// UNSUPPORTED: determinism, device
// RUN: rm -rf %t && mkdir %t
// RUN: not sym-runner %s --save-state=%t/s.npz 2>&1 | FileCheck %s
// RUN: sym-runner %s --load-state=%t/s.npz --call=count | FileCheck %s --check-prefix=AFTER
// RUN: not sym-runner %s --call=bad --threads=4 2>&1 | FileCheck %s --check-prefix=CALL
// RUN: not sym-runner %s --compile=eager 2>&1 | FileCheck %s --check-prefix=EAGER

// CHECK-DAG: n 1
// CHECK-DAG: t4-uncompiled.mlir:[[#@LINE + 18]]:8: error: 'math.cbrt' op has no library function for 'f128'
// CHECK-DAG: sym-runner: error: host program 'main' failed: SYM_LIBRARY_ERROR: the function could not be compiled; the diagnostics say why
// AFTER: 2
// CALL: error: 'math.cbrt' op has no library function
// CALL: SYM_LIBRARY_ERROR
// EAGER-NOT: n 1
// EAGER: error: 'math.cbrt' op has no library function
sym.shared @n : tensor<i64> = dense<1>
sym.shared @s : tensor<4xf128> = dense<1.0>
sym.func @count() -> tensor<i64> {
  %n = sym.read @n : tensor<i64>
  %m = arith.addi %n, %n : tensor<i64>
  sym.return %n : tensor<i64> updates(@n = %m : tensor<i64>)
}
sym.func @bad() -> tensor<i64> {
  %n = sym.read @n : tensor<i64>
  %m = arith.addi %n, %n : tensor<i64>
  %s = sym.read @s : tensor<4xf128>
  %t = math.cbrt %s : tensor<4xf128>
  sym.return %n : tensor<i64> updates(@n = %m : tensor<i64>,
                                      @s = %t : tensor<4xf128>)
}
func.func @main() {
  %n = sym.call @count() : () -> tensor<i64>
  sym.print "n " %n : tensor<i64>
  %b = sym.call @bad() : () -> tensor<i64>
  return
}
