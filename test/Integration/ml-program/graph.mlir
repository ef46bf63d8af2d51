// A graph, in which tokens say what comes first.
// RUN: sym-opt --convert-ml-program-to-sym %s | sym-runner - | FileCheck %s

ml_program.global private mutable @s(dense<[1, 2, 3]> : tensor<3xi64>) : tensor<3xi64>

ml_program.subgraph @f(%x: tensor<3xi64>) -> tensor<3xi64> {
  %stored = ml_program.global_store_graph @s = %n ordering(%loaded -> !ml_program.token) : tensor<3xi64>
  %n = arith.addi %s, %x : tensor<3xi64>
  %s, %loaded = ml_program.global_load_graph @s ordering(() -> !ml_program.token) : tensor<3xi64>
  ml_program.output %s : tensor<3xi64>
}
func.func @main() {
  %s = ml_program.global_load @s : tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %s : tensor<3xi64>
  return
}
