// S4: a variable without a value cannot be read; what came before stays printed.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<i64>
sym.func @read() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  sym.return %s : tensor<i64>
}
func.func @main() {
  %c = arith.constant dense<4> : tensor<i64>
  sym.set_value @s = %c : tensor<i64>
  %a = sym.call @read() : () -> tensor<i64>
  // CHECK-DAG: value 4
  sym.print "value " %a : tensor<i64>
  %b = sym.call @other() : () -> tensor<i64>
  // CHECK-DAG: SYM_UNINITIALIZED{{.*}}unset
  // CHECK-NOT: never
  sym.print "never " %b : tensor<i64>
  return
}
sym.shared @unset : tensor<i64>
sym.func @other() -> tensor<i64> {
  %s = sym.read @unset : tensor<i64>
  sym.return %s : tensor<i64>
}
