// A host program calls helpers, borrows, branches and prints every element
// type; it ends with the status of the call that fails (T10), while what was
// committed before stays.
// RUN: not %run_both %s 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=ERROR <%t.err

// CHECK:      r [2. 4. 6.]
// B2: the pinned borrow shows the value from before.
// CHECK-NEXT: pinned [1. 2. 3.]
// CHECK-NEXT: now [ 4. 8. 12.]
// CHECK-NEXT: now [5. 6.]
// CHECK-NEXT: [ 1.5 -2.25]
// CHECK-NEXT: [ 1.5 -2.25]
// CHECK-NEXT: [1.+2.j 3.-4.j]
// CHECK-NEXT: [ 1 200 255]
// CHECK-NEXT: [ True False True True]
// CHECK-NEXT: []
// CHECK-NEXT: flag True
// CHECK-NOT: not reached
// ERROR: error: host program 'main' failed: SYM_INDEX_OUT_OF_RANGE: {{.*}}index 7 {{.*}}size 2 (at {{.*}}host-program.mlir:{{[0-9]+}}:8)

sym.shared @v : tensor<?xf32> = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
sym.shared @flag : tensor<i1> = dense<true>
sym.shared @h : tensor<2xf16> = dense<[1.5, -2.25]>
sym.shared @bf : tensor<2xbf16> = dense<[1.5, -2.25]>
sym.shared @c : tensor<2xcomplex<f32>> = dense<[(1.0, 2.0), (3.0, -4.0)]>
sym.shared @u : tensor<3xui8> = dense<[1, 200, 255]>
sym.shared @bools : tensor<4xi1> = dense<[true, false, true, true]>
sym.shared @e : tensor<0x3xf64> = dense<>
sym.shared @d : tensor<f64> = dense<0.1>
sym.func @scale(%x: tensor<f32>) -> tensor<?xf32> {
  %v = sym.read @v : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%v, %x : tensor<?xf32>, tensor<f32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<?xf32>
  sym.return %v : tensor<?xf32> updates(@v = %r : tensor<?xf32>)
}
sym.func @at(%i: tensor<i64>) -> tensor<f32> {
  %v = sym.read @v : tensor<?xf32>
  %k = tensor.extract %i[] : tensor<i64>
  %j = arith.index_cast %k : i64 to index
  %x = tensor.extract %v[%j] : tensor<?xf32>
  %t = tensor.from_elements %x : tensor<f32>
  sym.return %t : tensor<f32>
}
func.func private @twice(%x: tensor<f32>) -> tensor<?xf32> {
  %a = sym.call @scale(%x) : (tensor<f32>) -> tensor<?xf32>
  %b = sym.call @scale(%x) : (tensor<f32>) -> tensor<?xf32>
  return %b : tensor<?xf32>
}
func.func @main() {
  %two = arith.constant dense<2.0> : tensor<f32>
  %p = sym.borrow @v : !sym.borrow<tensor<?xf32>, pinned>
  %r = func.call @twice(%two) : (tensor<f32>) -> tensor<?xf32>
  sym.print "r " %r : tensor<?xf32>
  %pv = sym.view %p : !sym.borrow<tensor<?xf32>, pinned>
  sym.print "pinned " %pv : tensor<?xf32>
  sym.release %p : !sym.borrow<tensor<?xf32>, pinned>
  %now = sym.get_value @v : tensor<?xf32>
  sym.print "now " %now : tensor<?xf32>
  %x = sym.borrow @v : !sym.borrow<tensor<?xf32>, exclusive>
  %xv = sym.view %x : !sym.borrow<tensor<?xf32>, exclusive>
  %n5 = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %n5c = tensor.cast %n5 : tensor<2xf32> to tensor<?xf32>
  sym.release %x = %n5c : !sym.borrow<tensor<?xf32>, exclusive>, tensor<?xf32>
  %now2 = sym.get_value @v : tensor<?xf32>
  sym.print "now " %now2 : tensor<?xf32>
  %h = sym.get_value @h : tensor<2xf16>
  sym.print %h : tensor<2xf16>
  %bf = sym.get_value @bf : tensor<2xbf16>
  sym.print %bf : tensor<2xbf16>
  %c = sym.get_value @c : tensor<2xcomplex<f32>>
  sym.print %c : tensor<2xcomplex<f32>>
  %u = sym.get_value @u : tensor<3xui8>
  sym.print %u : tensor<3xui8>
  %bo = sym.get_value @bools : tensor<4xi1>
  sym.print %bo : tensor<4xi1>
  %e = sym.get_value @e : tensor<0x3xf64>
  sym.print %e : tensor<0x3xf64>
  %fl = sym.get_value @flag : tensor<i1>
  %bit = tensor.extract %fl[] : tensor<i1>
  scf.if %bit {
    sym.print "flag " %fl : tensor<i1>
  }
  %i7 = arith.constant dense<7> : tensor<i64>
  %y = sym.call @at(%i7) : (tensor<i64>) -> tensor<f32>
  sym.print "not reached" %y : tensor<f32>
  return
}
