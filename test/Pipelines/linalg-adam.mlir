// Adam is one loop nest with three results, and every variable is updated in
// place without an allocation or a copy (C1).
// RUN: sym-opt %s --sym-to-llvm=until-after=buffers | FileCheck %s

// CHECK: sym.entry @adam
// CHECK-SAME: inplace @adam.inplace [#sym.slot<inplace>, #sym.slot<inplace>, #sym.slot<inplace>, #sym.slot<inplace>]
// CHECK-LABEL: func.func private @adam.inplace
// CHECK-SAME: (%[[G:[^:]*]]: memref<?x?xf32>, %{{[^:]*}}: memref<f32>, %[[P:[^:]*]]: memref<?x?xf32>, %[[M:[^:]*]]: memref<?x?xf32>, %[[V:[^:]*]]: memref<?x?xf32>, %[[T:[^:]*]]: memref<f32>)
// CHECK-NOT: memref.alloc(
// CHECK-NOT: memref.copy
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = []
// CHECK-NOT: memref.alloc(
// CHECK-NOT: memref.copy
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel"]
// CHECK-SAME: outs(%[[V]], %[[M]], %[[P]] :
// CHECK-NOT: linalg.generic
// CHECK: return
sym.shared @p : tensor<?x?xf32>
sym.shared @m : tensor<?x?xf32>
sym.shared @v : tensor<?x?xf32>
sym.shared @t : tensor<f32> = dense<0.0>
sym.func @adam(%g: tensor<?x?xf32>, %lr: tensor<f32>) {
  %p = sym.read @p : tensor<?x?xf32>
  %m = sym.read @m : tensor<?x?xf32>
  %v = sym.read @v : tensor<?x?xf32>
  %t = sym.read @t : tensor<f32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %p, %c0 : tensor<?x?xf32>
  %d1 = tensor.dim %p, %c1 : tensor<?x?xf32>
  %b1 = arith.constant 0.9 : f32
  %b1c = arith.constant 0.1 : f32
  %b2 = arith.constant 0.999 : f32
  %b2c = arith.constant 0.001 : f32
  %one = arith.constant dense<1.0> : tensor<f32>
  %eps = arith.constant 1.0e-8 : f32
  %b1b = tensor.splat %b1[%d0, %d1] : tensor<?x?xf32>
  %b1cb = tensor.splat %b1c[%d0, %d1] : tensor<?x?xf32>
  %b2b = tensor.splat %b2[%d0, %d1] : tensor<?x?xf32>
  %b2cb = tensor.splat %b2c[%d0, %d1] : tensor<?x?xf32>
  %epsb = tensor.splat %eps[%d0, %d1] : tensor<?x?xf32>
  %t1 = arith.addf %t, %one : tensor<f32>
  %bt = arith.constant dense<0.9> : tensor<f32>
  %pw = math.powf %bt, %t1 : tensor<f32>
  %corr = arith.subf %one, %pw : tensor<f32>
  %m0 = arith.mulf %m, %b1b : tensor<?x?xf32>
  %m1 = arith.mulf %g, %b1cb : tensor<?x?xf32>
  %m2 = arith.addf %m0, %m1 : tensor<?x?xf32>
  %g2 = arith.mulf %g, %g : tensor<?x?xf32>
  %v0 = arith.mulf %v, %b2b : tensor<?x?xf32>
  %v1 = arith.mulf %g2, %b2cb : tensor<?x?xf32>
  %v2 = arith.addf %v0, %v1 : tensor<?x?xf32>
  %lrc = arith.divf %lr, %corr : tensor<f32>
  %e = tensor.empty(%d0, %d1) : tensor<?x?xf32>
  %lrb = linalg.broadcast ins(%lrc : tensor<f32>) outs(%e : tensor<?x?xf32>) dimensions = [0, 1]
  %sv = math.sqrt %v2 : tensor<?x?xf32>
  %sve = arith.addf %sv, %epsb : tensor<?x?xf32>
  %num = arith.mulf %m2, %lrb : tensor<?x?xf32>
  %q = arith.divf %num, %sve : tensor<?x?xf32>
  %p2 = arith.subf %p, %q : tensor<?x?xf32>
  sym.return updates(@p = %p2 : tensor<?x?xf32>, @m = %m2 : tensor<?x?xf32>, @v = %v2 : tensor<?x?xf32>, @t = %t1 : tensor<f32>)
}
