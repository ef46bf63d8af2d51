// A reduction over nothing is its start value, even where folding finds that no
// other reduction would depend on it.
// RUN: sym-runner %s --call=all --arg=[] | FileCheck %s --check-prefix=NOTHING
// RUN: sym-runner %s --call=all --arg=[true,false] | FileCheck %s --check-prefix=SOME
// RUN: sym-runner %s --call=all --arg=[] --force-copies | FileCheck %s --check-prefix=NOTHING

// NOTHING: True
// SOME: False
sym.func @all(%x: tensor<?xi1>) -> tensor<i1> {
  %true = arith.constant dense<true> : tensor<i1>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<?xi1>) outs(%true : tensor<i1>) {
  ^bb0(%a: i1, %acc: i1):
    %false = arith.constant false
    %n = arith.andi %acc, %false : i1
    linalg.yield %n : i1
  } -> tensor<i1>
  sym.return %r : tensor<i1>
}
