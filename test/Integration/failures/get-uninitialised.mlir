// S4: get_value of a variable without a value fails and names it.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @unset : tensor<3xf32>
func.func @main() {
  // CHECK: SYM_UNINITIALIZED{{.*}}unset
  %s = sym.get_value @unset : tensor<3xf32>
  sym.print %s : tensor<3xf32>
  return
}
