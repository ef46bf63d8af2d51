// What each stage may leave is accepted.
// RUN: split-file %s %t
// RUN: sym-opt --sym-verify-stage=stage=resolve %t/resolve.mlir
// RUN: sym-opt --sym-verify-stage=stage=functionalize %t/tensors.mlir
// RUN: sym-opt --sym-verify-stage=stage=checks %t/tensors.mlir
// RUN: sym-opt --sym-verify-stage=stage=linalg %t/linalg.mlir
// RUN: sym-opt --sym-verify-stage=stage=buffers %t/buffers.mlir
// RUN: sym-opt --sym-verify-stage=stage=host %t/host.mlir
// RUN: not sym-opt --sym-verify-stage=stage=nowhere %t/host.mlir 2>&1 | FileCheck %s

// CHECK: error: unknown stage 'nowhere'

//--- resolve.mlir
sym.shared @s : tensor<?xf32>
sym.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = sym.read @s : tensor<?xf32>
  %r = arith.addf %s, %x : tensor<?xf32>
  sym.return %r : tensor<?xf32>
}
func.func @main(%x: tensor<?xf32>) {
  %r = sym.call @f(%x) : (tensor<?xf32>) -> tensor<?xf32>
  sym.print %r : tensor<?xf32>
  func.call @helper() : () -> ()
  return
}
func.func private @helper()

//--- tensors.mlir
sym.shared @s : tensor<?xf32>
sym.entry @f : (tensor<?xf32>) -> tensor<?xf32> reads [@s] updates [] body @f.body
func.func private @f.body(%x: tensor<?xf32>, %s: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?xf32>
  %n = tensor.dim %s, %c0 : tensor<?xf32>
  %same = arith.cmpi eq, %m, %n : index
  scf.for %i = %c0 to %n step %c1 {
    sym.check %same, kind(shape) "sizes {0} and {1} differ"(%m, %n : index, index)
  }
  %r = arith.addf %s, %x : tensor<?xf32>
  return %r : tensor<?xf32>
}

//--- linalg.mlir
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> tensor<4xf32> reads [@s] updates [] body @f.body
func.func private @f.body(%s: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %exp = math.exp %a : f32
    linalg.yield %exp : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

//--- buffers.mlir
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> tensor<4xf32> reads [@s] updates []
    inplace @f.inplace [#sym.slot<fresh>] outofplace @f.outofplace [#sym.slot<fresh>]
func.func private @f.inplace(%s: memref<4xf32>) {
  %r = sym.alloc_result 0() : memref<4xf32>
  memref.copy %s, %r : memref<4xf32> to memref<4xf32>
  return
}
func.func private @f.outofplace(%s: memref<4xf32>) {
  %r = sym.alloc_result 0() : memref<4xf32>
  memref.copy %s, %r : memref<4xf32> to memref<4xf32>
  return
}

//--- host.mlir
llvm.func @f() {
  llvm.return
}
