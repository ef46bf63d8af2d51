// T4: operations that folding shows to be undefined compile, and fail when they
// are called. Each was an operation that does not verify.
// RUN: not sym-runner %s --call=add --arg=5 2>&1 | FileCheck %s --check-prefix=ADD
// RUN: not sym-runner %s --call=matmul --arg=5 2>&1 | FileCheck %s --check-prefix=MATMUL
// RUN: not sym-runner %s --call=once 2>&1 | FileCheck %s --check-prefix=ONCE
// RUN: not sym-runner %s --call=cast --arg=5 2>&1 | FileCheck %s --check-prefix=CAST
// RUN: not sym-runner %s --call=pad --arg=5 2>&1 | FileCheck %s --check-prefix=PAD
// RUN: not sym-runner %s --call=forall --arg=5 2>&1 | FileCheck %s --check-prefix=FORALL
// RUN: sym-runner %s --call=branch --arg=5 | FileCheck %s --check-prefix=BRANCH

// ADD: SYM_SHAPE_MISMATCH: {{.*}}arith.addf: dimension 0 of operand 1 has size 3, but operand 0 has 2
// MATMUL: SYM_SHAPE_MISMATCH: {{.*}}linalg.matmul: dimension 0 of operand 1 has size 2, but dimension 1 of operand 0 has 3
// ONCE: SYM_INDEX_OUT_OF_RANGE: {{.*}}a slice of size 2 at offset -1 is outside of dimension 0 of size 3
// CAST: SYM_SHAPE_MISMATCH: {{.*}}tensor.cast: dimension 0 has size 2, but the cast needs 5
// PAD: SYM_SHAPE_MISMATCH: {{.*}}the padding before dimension 0 is -1, but must not be negative
// FORALL: SYM_INDEX_OUT_OF_RANGE: {{.*}}offset -1 of dimension 0 is out of range for size 3
// BRANCH: [4. 5. 6.]
sym.shared @s : tensor<3xf32> = dense<[4.0, 5.0, 6.0]>

// Zero, which folding finds out late.
sym.expr @zero(%x: tensor<i64>) -> tensor<i64> {
  %r = arith.xori %x, %x : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.func @add(%x: tensor<i64>) {
  %s = sym.read @s : tensor<3xf32>
  %z = sym.eval @zero(%x) : (tensor<i64>) -> tensor<i64>
  %e = tensor.extract %z[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %c2 = arith.constant 2 : index
  %n = arith.addi %i, %c2 : index
  %f = arith.constant 1.0 : f32
  %t = tensor.splat %f[%n] : tensor<?xf32>
  %d = tensor.cast %s : tensor<3xf32> to tensor<?xf32>
  %r = arith.addf %t, %d : tensor<?xf32>
  %u = tensor.cast %r : tensor<?xf32> to tensor<3xf32>
  sym.return updates(@s = %u : tensor<3xf32>)
}
sym.func @matmul(%x: tensor<i64>) -> tensor<?x?xf32> {
  %e = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %z = arith.subi %i, %i : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c2 = arith.constant 2 : index
  %n = arith.addi %z, %c2 : index
  %f = arith.constant 1.0 : f32
  %a = tensor.splat %f[%c1, %c3] : tensor<?x?xf32>
  %b = tensor.splat %f[%n, %c1] : tensor<?x?xf32>
  %c = tensor.splat %f[%c1, %c1] : tensor<?x?xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  sym.return %r : tensor<?x?xf32>
}
sym.func @once() -> tensor<2xf32> {
  %s = sym.read @s : tensor<3xf32>
  %first = arith.constant -1 : index
  %end = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0.0> : tensor<2xf32>
  %r = scf.for %j = %first to %end step %c1 iter_args(%a = %init) -> tensor<2xf32> {
    %part = tensor.extract_slice %s[%j] [2] [1] : tensor<3xf32> to tensor<2xf32>
    scf.yield %part : tensor<2xf32>
  }
  sym.return %r : tensor<2xf32>
}
sym.func @cast(%x: tensor<i64>) -> tensor<5xf32> {
  %e = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %z = arith.subi %i, %i : index
  %c2 = arith.constant 2 : index
  %n = arith.addi %z, %c2 : index
  %f = arith.constant 1.0 : f32
  %t = tensor.splat %f[%n] : tensor<?xf32>
  %r = tensor.cast %t : tensor<?xf32> to tensor<5xf32>
  sym.return %r : tensor<5xf32>
}
sym.func @pad(%x: tensor<i64>) -> tensor<?xf32> {
  %s = sym.read @s : tensor<3xf32>
  %e = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %z = arith.subi %i, %i : index
  %c1 = arith.constant 1 : index
  %n = arith.subi %z, %c1 : index
  %f = arith.constant 1.0 : f32
  %r = tensor.pad %s low[%n] high[0] {
  ^bb0(%at: index):
    tensor.yield %f : f32
  } : tensor<3xf32> to tensor<?xf32>
  sym.return %r : tensor<?xf32>
}
sym.func @forall(%x: tensor<i64>) {
  %s = sym.read @s : tensor<3xf32>
  %e = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %z = arith.subi %i, %i : index
  %c1 = arith.constant 1 : index
  %n = arith.subi %z, %c1 : index
  %r = scf.forall (%j) in (%i) shared_outs(%out = %s) -> tensor<3xf32> {
    %part = tensor.extract_slice %s[%n] [1] [1] : tensor<3xf32> to tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %part into %out[%n] [1] [1] : tensor<1xf32> into tensor<3xf32>
    }
  }
  sym.return updates(@s = %r : tensor<3xf32>)
}
// What a branch that is not taken holds does not matter.
sym.func @branch(%x: tensor<i64>) -> tensor<3xf32> {
  %s = sym.read @s : tensor<3xf32>
  %e = tensor.extract %x[] : tensor<i64>
  %i = arith.index_cast %e : i64 to index
  %z = arith.subi %i, %i : index
  %c1 = arith.constant 1 : index
  %n = arith.subi %z, %c1 : index
  %five = arith.constant 5 : index
  %other = arith.cmpi ne, %i, %five : index
  %r = scf.if %other -> tensor<3xf32> {
    %part = tensor.extract_slice %s[%n] [2] [1] : tensor<3xf32> to tensor<2xf32>
    %u = tensor.insert_slice %part into %s[0] [2] [1] : tensor<2xf32> into tensor<3xf32>
    scf.yield %u : tensor<3xf32>
  } else {
    scf.yield %s : tensor<3xf32>
  }
  sym.return %r : tensor<3xf32>
}
