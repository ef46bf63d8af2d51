// T4: slices whose bounds fold to constants outside of the whole compile, and
// fail when they are called. State is as before.
// RUN: not sym-runner %s --call=neg --arg=[1,2,3] 2>&1 | FileCheck %s --check-prefix=NEG
// RUN: not sym-runner %s --call=folded --arg=[1,2,3] 2>&1 | FileCheck %s --check-prefix=FOLDED
// RUN: not sym-runner %s --call=behind 2>&1 | FileCheck %s --check-prefix=BEHIND
// RUN: sym-runner %s --call=inside | FileCheck %s --check-prefix=INSIDE

// NEG: SYM_INDEX_OUT_OF_RANGE: {{.*}}a slice of size 2 at offset -5 is outside of dimension 0 of size 3
// FOLDED: SYM_INDEX_OUT_OF_RANGE: {{.*}}a slice of size -10 at offset 2 is outside of dimension 0 of size 3
// BEHIND: SYM_INDEX_OUT_OF_RANGE: {{.*}}a slice of size 2 at offset 3 is outside of dimension 0 of size 4
// INSIDE: [1. 2. 0. 0.]
sym.shared @s : tensor<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
sym.func @neg(%x: tensor<?xf32>) -> tensor<2xf32> {
  %c = arith.constant -5 : index
  %r = tensor.extract_slice %x[%c] [2] [1] : tensor<?xf32> to tensor<2xf32>
  sym.return %r : tensor<2xf32>
}
sym.func @folded(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c = arith.constant -5 : index
  %c2 = arith.constant 2 : index
  %o = arith.muli %c, %c2 : index
  %r = tensor.extract_slice %x[%c2] [%o] [1] : tensor<?xf32> to tensor<?xf32>
  sym.return %r : tensor<?xf32>
}
sym.func @behind() {
  %s = sym.read @s : tensor<4xf32>
  %c3 = arith.constant 3 : index
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %r = tensor.insert_slice %z into %s[%c3] [2] [1] : tensor<2xf32> into tensor<4xf32>
  sym.return updates(@s = %r : tensor<4xf32>)
}
sym.func @inside() -> tensor<4xf32> {
  %s = sym.read @s : tensor<4xf32>
  %c2 = arith.constant 2 : index
  %z = arith.constant dense<0.0> : tensor<2xf32>
  %r = tensor.insert_slice %z into %s[%c2] [2] [1] : tensor<2xf32> into tensor<4xf32>
  sym.return %r : tensor<4xf32>
}
