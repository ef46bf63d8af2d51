// Old values are read before the operation that replaces them; checks go first.
// RUN: sym-opt %s --sym-order-readers | FileCheck %s

#id = affine_map<(d0) -> (d0)>

sym.shared @s : tensor<4xf32> = dense<0.0>
sym.shared @t : tensor<4xf32> = dense<0.0>

sym.entry @reader : (tensor<4x4xf32>, tensor<i1>) -> tensor<4xf32>
    reads [@s] updates [@s] body @reader.body

// T4: the check precedes the new value; the product precedes it too; what it is
// filled for stays with it.
// CHECK-LABEL: func.func private @reader.body
// CHECK: sym.check
// CHECK: tensor.empty
// CHECK-NEXT: linalg.fill
// CHECK-NEXT: linalg.matvec
// CHECK: linalg.generic
// CHECK: return
func.func private @reader.body(%w: tensor<4x4xf32>, %flag: tensor<i1>, %s: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %n = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  %c = tensor.extract %flag[] : tensor<i1>
  sym.check %c, "no"
  %e1 = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e1 : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.matvec ins(%w, %s : tensor<4x4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  return %y, %n : tensor<4xf32>, tensor<4xf32>
}

sym.entry @chain : (tensor<4x4xf32>) -> tensor<4xf32>
    reads [@s, @t] updates [@s, @t] body @chain.body

// A new value is computed as soon as the old one has been read: @t by way of a
// view first, then @s, and only then what does not matter.
// CHECK-LABEL: func.func private @chain.body
// CHECK-SAME: (%[[W:.*]]: tensor<4x4xf32>, %[[S:.*]]: tensor<4xf32>, %[[T:.*]]: tensor<4xf32>)
// CHECK: tensor.extract_slice %[[T]]
// CHECK: %[[Y:.*]] = tensor.insert_slice
// CHECK: %[[NEWT:.*]] = linalg.generic {{.*}} ins(%[[T]], %[[S]] :
// CHECK: %[[NEWS:.*]] = linalg.generic {{.*}} ins(%[[S]] :
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[Y]] :
// CHECK: arith.negf
// CHECK: return %[[NEXT]], %[[NEWS]], %[[NEWT]]
func.func private @chain.body(%w: tensor<4x4xf32>, %s: tensor<4xf32>, %t: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %ns = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  %nt = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%t, %s : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  %view = tensor.extract_slice %t[0] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %y = tensor.insert_slice %view into %e[2] [2] [1] : tensor<2xf32> into tensor<4xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%y : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.negf %a : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  return %z, %ns, %nt : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

sym.entry @guard : (tensor<?xi32>, tensor<i64>) -> tensor<i32>
    reads [] updates [] body @guard.body

// What a check guards stays behind it, though another check depends on it.
// CHECK-LABEL: func.func private @guard.body
// CHECK: sym.check %{{.*}}, "first"
// CHECK: tensor.extract
// CHECK: sym.check %{{.*}}, "second"
// CHECK: tensor.extract
func.func private @guard.body(%x: tensor<?xi32>, %at: tensor<i64>) -> tensor<i32> {
  %n = arith.constant 8 : index
  %at0 = tensor.extract %at[] : tensor<i64>
  %i = arith.index_cast %at0 : i64 to index
  %zero = arith.constant 0 : i32
  %c0 = arith.cmpi ult, %i, %n : index
  sym.check %c0, "first"
  %a = tensor.extract %x[%i] : tensor<?xi32>
  %b = arith.index_cast %a : i32 to index
  %c1 = arith.cmpi ult, %b, %n : index
  sym.check %c1, "second"
  %c = tensor.extract %x[%b] : tensor<?xi32>
  %r = tensor.from_elements %c : tensor<i32>
  return %r : tensor<i32>
}

sym.entry @loop : (tensor<4xf32>) -> tensor<4xf32>
    reads [] updates [] body @loop.body

// What a loop carries is read before it is replaced.
// CHECK-LABEL: func.func private @loop.body
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK: %[[NB:.*]] = linalg.generic {{.*}} ins(%[[B]], %[[A]] :
// CHECK: %[[NA:.*]] = linalg.generic {{.*}} ins(%[[A]] :
// CHECK: scf.yield %[[NA]], %[[NB]]
func.func private @loop.body(%x: tensor<4xf32>) -> tensor<4xf32> {
  %n = arith.constant 8 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %x) -> (tensor<4xf32>, tensor<4xf32>) {
    %e = tensor.empty() : tensor<4xf32>
    %na = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%p: f32, %o: f32):
      %0 = arith.addf %p, %p : f32
      linalg.yield %0 : f32
    } -> tensor<4xf32>
    %nb = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
        ins(%b, %a : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %0 = arith.mulf %p, %q : f32
      linalg.yield %0 : f32
    } -> tensor<4xf32>
    scf.yield %na, %nb : tensor<4xf32>, tensor<4xf32>
  }
  return %r#1 : tensor<4xf32>
}
