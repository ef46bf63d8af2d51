// What the benchmarks run; each has a peer in the C++ sources beside it.

#id = affine_map<(i) -> (i)>
#rows = affine_map<(i, j) -> (i)>
#cells = affine_map<(i, j) -> (i, j)>

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

sym.shared @counter : tensor<i64> = dense<0>
sym.shared @double_counter policy(double_buffer) : tensor<i64> = dense<0>

sym.func @accumulate(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @counter : tensor<i64>
  %n = arith.addi %s, %inc : tensor<i64>
  sym.return %s : tensor<i64> updates(@counter = %n : tensor<i64>)
}

sym.func @accumulate_double(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @double_counter : tensor<i64>
  %n = arith.addi %s, %inc : tensor<i64>
  sym.return %s : tensor<i64> updates(@double_counter = %n : tensor<i64>)
}

//===----------------------------------------------------------------------===//
// Updates
//===----------------------------------------------------------------------===//

sym.shared @s : tensor<?xf32>

sym.func @update(%x: tensor<?xf32>) {
  %s = sym.read @s : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %size = tensor.dim %s, %c0 : tensor<?xf32>
  %e = tensor.empty(%size) : tensor<?xf32>
  %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%s, %x : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%old: f32, %a: f32, %out: f32):
    %keep = arith.constant 0.9 : f32
    %take = arith.constant 0.1 : f32
    %k = arith.mulf %old, %keep : f32
    %t = arith.mulf %a, %take : f32
    %n = arith.addf %k, %t : f32
    linalg.yield %n : f32
  } -> tensor<?xf32>
  sym.return updates(@s = %next : tensor<?xf32>)
}

sym.func @update_swapped(%x: tensor<?xf32>) {
  %s = sym.read @s : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %size = tensor.dim %s, %c0 : tensor<?xf32>
  %e = tensor.empty(%size) : tensor<?xf32>
  %next = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %old: f32, %out: f32):
    %keep = arith.constant 0.9 : f32
    %take = arith.constant 0.1 : f32
    %t = arith.mulf %a, %take : f32
    %k = arith.mulf %old, %keep : f32
    %n = arith.addf %t, %k : f32
    linalg.yield %n : f32
  } -> tensor<?xf32>
  sym.return updates(@s = %next : tensor<?xf32>)
}

//===----------------------------------------------------------------------===//
// Mathematics
//===----------------------------------------------------------------------===//

sym.func @exp_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.exp %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @log_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.log %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @tanh_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.tanh %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @sin_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.sin %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @cos_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.cos %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @erf_f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = math.erf %x : tensor<?xf32>
  sym.return %y : tensor<?xf32>
}
sym.func @pow_f32(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = math.powf %x, %y : tensor<?xf32>
  sym.return %z : tensor<?xf32>
}
sym.func @exp_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.exp %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @log_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.log %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @tanh_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.tanh %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @sin_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.sin %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @cos_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.cos %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @erf_f64(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = math.erf %x : tensor<?xf64>
  sym.return %y : tensor<?xf64>
}
sym.func @pow_f64(%x: tensor<?xf64>, %y: tensor<?xf64>) -> tensor<?xf64> {
  %z = math.powf %x, %y : tensor<?xf64>
  sym.return %z : tensor<?xf64>
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

sym.func @product(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0_m = arith.constant 0 : index
  %m = tensor.dim %a, %c0_m : tensor<?x?xf32>
  %c1_n = arith.constant 1 : index
  %n = tensor.dim %b, %c1_n : tensor<?x?xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?xf32>
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
      outs(%z : tensor<?x?xf32>) -> tensor<?x?xf32>
  sym.return %p : tensor<?x?xf32>
}
sym.func @product_8(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%z : tensor<8x8xf32>) -> tensor<8x8xf32>
  sym.return %p : tensor<8x8xf32>
}
sym.func @batches(%a: tensor<?x?x?xf32>, %b: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0_k = arith.constant 0 : index
  %k = tensor.dim %a, %c0_k : tensor<?x?x?xf32>
  %c1_m = arith.constant 1 : index
  %m = tensor.dim %a, %c1_m : tensor<?x?x?xf32>
  %c2_n = arith.constant 2 : index
  %n = tensor.dim %b, %c2_n : tensor<?x?x?xf32>
  %e = tensor.empty(%k, %m, %n) : tensor<?x?x?xf32>
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %p = linalg.batch_matmul ins(%a, %b : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
      outs(%z : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  sym.return %p : tensor<?x?x?xf32>
}
sym.func @matrix_vector(%a: tensor<?x?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %c0_m = arith.constant 0 : index
  %m = tensor.dim %a, %c0_m : tensor<?x?xf32>
  %e = tensor.empty(%m) : tensor<?xf32>
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %p = linalg.matvec ins(%a, %b : tensor<?x?xf32>, tensor<?xf32>)
      outs(%z : tensor<?xf32>) -> tensor<?xf32>
  sym.return %p : tensor<?xf32>
}
sym.func @vector_matrix(%a: tensor<?xf32>, %b: tensor<?x?xf32>) -> tensor<?xf32> {
  %c1_n = arith.constant 1 : index
  %n = tensor.dim %b, %c1_n : tensor<?x?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %zero = arith.constant 0.0 : f32
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %p = linalg.vecmat ins(%a, %b : tensor<?xf32>, tensor<?x?xf32>)
      outs(%z : tensor<?xf32>) -> tensor<?xf32>
  sym.return %p : tensor<?xf32>
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

sym.func @transpose(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?xf32>
  %e = tensor.empty(%n, %m) : tensor<?x?xf32>
  %t = linalg.transpose ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>) permutation = [1, 0]
  sym.return %t : tensor<?x?xf32>
}

// The position of each row's largest element.
sym.func @argmax(%x: tensor<?x?xf32>) -> tensor<?xi64> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x?xf32>
  %ev = tensor.empty(%m) : tensor<?xf32>
  %ep = tensor.empty(%m) : tensor<?xi64>
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i64
  %v = linalg.fill ins(%low : f32) outs(%ev : tensor<?xf32>) -> tensor<?xf32>
  %p = linalg.fill ins(%zero : i64) outs(%ep : tensor<?xi64>) -> tensor<?xi64>
  %r:2 = linalg.generic {indexing_maps = [#cells, #rows, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x?xf32>) outs(%v, %p : tensor<?xf32>, tensor<?xi64>) {
  ^bb0(%a: f32, %best: f32, %at: i64):
    %j = linalg.index 1 : index
    %i = arith.index_cast %j : index to i64
    %more = arith.cmpf ogt, %a, %best : f32
    %nv = arith.select %more, %a, %best : f32
    %np = arith.select %more, %i, %at : i64
    linalg.yield %nv, %np : f32, i64
  } -> (tensor<?xf32>, tensor<?xi64>)
  sym.return %r#1 : tensor<?xi64>
}

sym.func @divide(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  %q = arith.divsi %x, %y : tensor<?xi32>
  sym.return %q : tensor<?xi32>
}
