#id = affine_map<(i) -> (i)>

func.func @update(%x: memref<?xf32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%s : memref<?xf32>) {
  ^bb0(%a: f32, %old: f32):
    %keep = arith.constant 0.9 : f32
    %take = arith.constant 0.1 : f32
    %k = arith.mulf %old, %keep : f32
    %t = arith.mulf %a, %take : f32
    %n = arith.addf %k, %t : f32
    linalg.yield %n : f32
  }
  return
}

func.func @exp_f32(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %old: f32):
    %n = math.exp %a : f32
    linalg.yield %n : f32
  }
  return
}

func.func @product(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<?x?xf32>)
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}
