// A step of an optimiser in one kernel, sums, softmax, and square roots.
#v = affine_map<(d0) -> (d0)>

sym.shared @w : tensor<?xf32>
sym.shared @m : tensor<?xf32>
sym.shared @v : tensor<?xf32>

sym.func @update(%g: tensor<?xf32>) {
  %w = sym.read @w : tensor<?xf32>
  %m = sym.read @m : tensor<?xf32>
  %v = sym.read @v : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %size = tensor.dim %g, %c0 : tensor<?xf32>
  %e = tensor.empty(%size) : tensor<?xf32>
  %r:3 = linalg.generic {indexing_maps = [#v, #v, #v, #v, #v, #v, #v],
                         iterator_types = ["parallel"]}
      ins(%g, %w, %m, %v : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
      outs(%e, %e, %e : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  ^bb0(%gi: f32, %wi: f32, %mi: f32, %vi: f32, %a: f32, %b: f32, %c: f32):
    %b1 = arith.constant 0.9 : f32
    %o1 = arith.constant 0.1 : f32
    %b2 = arith.constant 0.999 : f32
    %o2 = arith.constant 0.001 : f32
    %eps = arith.constant 1.0e-8 : f32
    %m0 = arith.mulf %mi, %b1 : f32
    %m1 = arith.mulf %gi, %o1 : f32
    %m2 = arith.addf %m0, %m1 : f32
    %gg = arith.mulf %gi, %gi : f32
    %v0 = arith.mulf %vi, %b2 : f32
    %v1 = arith.mulf %gg, %o2 : f32
    %v2 = arith.addf %v0, %v1 : f32
    %s = math.sqrt %v2 : f32
    %d = arith.addf %s, %eps : f32
    %q = arith.divf %m2, %d : f32
    %step = arith.mulf %q, %o2 : f32
    %w1 = arith.subf %wi, %step : f32
    linalg.yield %w1, %m2, %v2 : f32, f32, f32
  } -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
  sym.return updates(@w = %r#0 : tensor<?xf32>, @m = %r#1 : tensor<?xf32>, @v = %r#2 : tensor<?xf32>)
}

sym.func @total(%x: tensor<?xf32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce {arith.addf} ins(%x : tensor<?xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  sym.return %s : tensor<f32>
}

sym.func @columns(%x: tensor<?x64xf32>) -> tensor<64xf32> {
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %s = linalg.reduce {arith.addf} ins(%x : tensor<?x64xf32>) outs(%zero : tensor<64xf32>) dimensions = [0]
  sym.return %s : tensor<64xf32>
}

sym.func @softmax(%x: tensor<?x1000xf32>) -> tensor<?x1000xf32> {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x1000xf32>
  %e = tensor.empty(%rows) : tensor<?x1000xf32>
  %y = linalg.softmax dimension(1) ins(%x : tensor<?x1000xf32>) outs(%e : tensor<?x1000xf32>) -> tensor<?x1000xf32>
  sym.return %y : tensor<?x1000xf32>
}
