// RUN: sym-runner %s | FileCheck %s
// RUN: sym-runner %s > %t.inplace
// RUN: sym-runner %s --force-copies > %t.copies
// RUN: diff %t.inplace %t.copies

// Loops over state: scattered into, grown, carried out of place, empty, and
// with values that are not numbers. Each value is known.

sym.shared @s : tensor<?xf32> = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
sym.shared @e : tensor<?xf32> = dense<0.0> : tensor<0xf32>
sym.shared @hot policy(relaxed) : tensor<i64> = dense<1>

#id = affine_map<(i) -> (i)>

// s[ix] += v: checked, and in place.
sym.func @scatter(%ix: tensor<?xi64>, %v: tensor<?xf32>) {
  %s = sym.read @s : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d = tensor.dim %ix, %c0 : tensor<?xi64>
  %r = scf.for %i = %c0 to %d step %c1 iter_args(%t = %s) -> tensor<?xf32> {
    %a = tensor.extract %ix[%i] : tensor<?xi64>
    %b = arith.index_cast %a : i64 to index
    %w = tensor.extract %v[%i] : tensor<?xf32>
    %o = tensor.extract %t[%b] : tensor<?xf32>
    %n = arith.addf %o, %w : f32
    %u = tensor.insert %n into %t[%b] : tensor<?xf32>
    scf.yield %u : tensor<?xf32>
  }
  sym.return updates(@s = %r : tensor<?xf32>)
}

// Twice as long in each iteration.
sym.func @grow(%n: tensor<i64>) -> tensor<?xf32> {
  %s = sym.read @s : tensor<?xf32>
  %ni = tensor.extract %n[] : tensor<i64>
  %nn = arith.index_cast %ni : i64 to index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %nn step %c1 iter_args(%x = %s) -> (tensor<?xf32>) {
    %y = tensor.concat dim(0) %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  sym.return %r : tensor<?xf32> updates(@s = %r : tensor<?xf32>)
}

// x[i] <- x[i] + x[n - 1 - i], each time from the old ones.
sym.func @fold(%n: tensor<i64>) {
  %s = sym.read @s : tensor<?xf32>
  %ni = tensor.extract %n[] : tensor<i64>
  %nn = arith.index_cast %ni : i64 to index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %nn step %c1 iter_args(%x = %s) -> (tensor<?xf32>) {
    %d = tensor.dim %x, %c0 : tensor<?xf32>
    %last = arith.subi %d, %c1 : index
    %y = tensor.generate %d {
    ^bb0(%j: index):
      %k = arith.subi %last, %j : index
      %p = tensor.extract %x[%j] : tensor<?xf32>
      %q = tensor.extract %x[%k] : tensor<?xf32>
      %t = arith.addf %p, %q : f32
      tensor.yield %t : f32
    } : tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  sym.return updates(@s = %r : tensor<?xf32>)
}

// Doubles until the first element exceeds the limit.
sym.func @double_until(%limit: tensor<f32>) {
  %s = sym.read @s : tensor<?xf32>
  %l = tensor.extract %limit[] : tensor<f32>
  %c0 = arith.constant 0 : index
  %r = scf.while (%x = %s) : (tensor<?xf32>) -> tensor<?xf32> {
    %f = tensor.extract %x[%c0] : tensor<?xf32>
    %c = arith.cmpf ole, %f, %l : f32
    scf.condition(%c) %x : tensor<?xf32>
  } do {
  ^bb0(%x: tensor<?xf32>):
    %y = arith.addf %x, %x : tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  sym.return updates(@s = %r : tensor<?xf32>)
}

// Of no elements.
sym.func @empty() -> tensor<?xf32> {
  %s = sym.read @e : tensor<?xf32>
  %n = arith.mulf %s, %s : tensor<?xf32>
  sym.return %n : tensor<?xf32> updates(@e = %n : tensor<?xf32>)
}

// One of three paths: a new value, the old one, the other variable's.
sym.func @three(%which: tensor<i64>, %x: tensor<?xf32>) {
  %s = sym.read @s : tensor<?xf32>
  %e = sym.read @e : tensor<?xf32>
  %w = tensor.extract %which[] : tensor<i64>
  %one = arith.constant 1 : i64
  %is_new = arith.cmpi slt, %w, %one : i64
  %is_old = arith.cmpi eq, %w, %one : i64
  %r:2 = scf.if %is_new -> (tensor<?xf32>, tensor<?xf32>) {
    %n = arith.addf %x, %x : tensor<?xf32>
    scf.yield %n, %e : tensor<?xf32>, tensor<?xf32>
  } else {
    %q:2 = scf.if %is_old -> (tensor<?xf32>, tensor<?xf32>) {
      scf.yield %s, %e : tensor<?xf32>, tensor<?xf32>
    } else {
      scf.yield %e, %s : tensor<?xf32>, tensor<?xf32>
    }
    scf.yield %q#0, %q#1 : tensor<?xf32>, tensor<?xf32>
  }
  sym.return updates(@s = %r#0 : tensor<?xf32>, @e = %r#1 : tensor<?xf32>)
}

// T7: an index from a relaxed variable.
sym.func @pick(%x: tensor<3xf32>) -> tensor<f32> {
  %i = sym.read @hot : tensor<i64>
  %v = tensor.extract %i[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %e = tensor.extract %x[%k] : tensor<3xf32>
  %r = tensor.from_elements %e : tensor<f32>
  sym.return %r : tensor<f32>
}

func.func @show() {
  %s = sym.get_value @s : tensor<?xf32>
  %e = sym.get_value @e : tensor<?xf32>
  sym.print "s " %s : tensor<?xf32>
  sym.print "e " %e : tensor<?xf32>
  return
}

func.func @main() {
  %ix = arith.constant dense<[0, 2, 0, 1]> : tensor<4xi64>
  %dix = tensor.cast %ix : tensor<4xi64> to tensor<?xi64>
  %v = arith.constant dense<[0.5, 1.0, 0.25, 0x7FC00000]> : tensor<4xf32>
  %dv = tensor.cast %v : tensor<4xf32> to tensor<?xf32>
  sym.call @scatter(%dix, %dv) : (tensor<?xi64>, tensor<?xf32>) -> ()
  // CHECK: s [1.75  nan 4.  ]
  // CHECK: e []
  func.call @show() : () -> ()
  %k = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %dk = tensor.cast %k : tensor<3xf32> to tensor<?xf32>
  sym.set_value @s = %dk : tensor<?xf32>
  %n0 = arith.constant dense<0> : tensor<i64>
  %n1 = arith.constant dense<1> : tensor<i64>
  %n2 = arith.constant dense<2> : tensor<i64>
  sym.call @fold(%n0) : (tensor<i64>) -> ()
  // CHECK: s [1. 2. 4.]
  func.call @show() : () -> ()
  sym.call @fold(%n1) : (tensor<i64>) -> ()
  // CHECK: s [5. 4. 5.]
  func.call @show() : () -> ()
  sym.call @fold(%n2) : (tensor<i64>) -> ()
  // CHECK: s [20. 16. 20.]
  func.call @show() : () -> ()
  %limit = arith.constant dense<100.0> : tensor<f32>
  sym.call @double_until(%limit) : (tensor<f32>) -> ()
  // CHECK: s [160. 128. 160.]
  func.call @show() : () -> ()
  sym.call @double_until(%limit) : (tensor<f32>) -> ()
  // CHECK: s [160. 128. 160.]
  func.call @show() : () -> ()
  %g0 = sym.call @grow(%n0) : (tensor<i64>) -> tensor<?xf32>
  // CHECK: grown [160. 128. 160.]
  sym.print "grown " %g0 : tensor<?xf32>
  %g1 = sym.call @grow(%n1) : (tensor<i64>) -> tensor<?xf32>
  // CHECK: grown [160. 128. 160. 160. 128. 160.]
  sym.print "grown " %g1 : tensor<?xf32>
  %e = sym.call @empty() : () -> tensor<?xf32>
  // CHECK: empty []
  sym.print "empty " %e : tensor<?xf32>

  sym.call @three(%n0, %dk) : (tensor<i64>, tensor<?xf32>) -> ()
  // CHECK: s [2. 4. 8.]
  // CHECK: e []
  func.call @show() : () -> ()
  sym.call @three(%n1, %dk) : (tensor<i64>, tensor<?xf32>) -> ()
  // CHECK: s [2. 4. 8.]
  // CHECK: e []
  func.call @show() : () -> ()
  sym.call @three(%n2, %dk) : (tensor<i64>, tensor<?xf32>) -> ()
  // CHECK: s []
  // CHECK: e [2. 4. 8.]
  func.call @show() : () -> ()
  // Both empty: which is which cannot be told by their elements.
  sym.set_value @e = %e : tensor<?xf32>
  sym.call @three(%n2, %dk) : (tensor<i64>, tensor<?xf32>) -> ()
  // CHECK: s []
  // CHECK: e []
  func.call @show() : () -> ()
  %p = sym.call @pick(%k) : (tensor<3xf32>) -> tensor<f32>
  // CHECK: picked 2.0
  sym.print "picked " %p : tensor<f32>
  return
}
