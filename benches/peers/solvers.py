"""One solver, one generated program, one process: reads the arrays of a folder that `benches/solve` wrote,
solves them and prints as JSON what came of it.

    python solvers.py NAME FOLDER TIME_LIMIT THREADS

`peers.py` starts one such process for each solver and makes the table. Nothing but the tolerance of the
first-order methods (1e-8, as the others have it) is set away from its default. Solvers are imported where
they are used: HiGHS and OR-tools carry libraries that do not bear each other in one process.
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import scipy.sparse as sparse

OPTIMAL = "optimal"
FIRST_ORDER_TOLERANCE = 1e-8


class Instance:
    """maximise cost x, lower <= matrix x <= upper, x >= 0."""

    def __init__(self, folder):
        def array(name, kind):
            return np.fromfile(pathlib.Path(folder, name), dtype=kind)

        self.cost = array("cost.f64", "<f8")
        self.lower, self.upper = array("lower.f64", "<f8"), array("upper.f64", "<f8")
        parts = array("values.f64", "<f8"), array("indices.i32", "<i4"), array("starts.i32", "<i4")
        self.matrix = sparse.csc_matrix(parts, shape=(len(self.lower), len(self.cost)))
        self.floor, self.ceiling = np.zeros_like(self.cost), np.full_like(self.cost, np.inf)

    def judge(self, x):
        """Objective and worst violation of an answer."""
        activity, size = self.matrix @ x, abs(self.matrix) @ np.abs(x)
        violation = max(0.0, -x.min())
        for broken, bound in ((self.lower - activity, self.lower), (activity - self.upper, self.upper)):
            rows = broken > 0  # never where the bound is infinite
            share = broken[rows] / (size[rows] + np.abs(bound[rows]))
            violation = max(violation, share.max(initial=0.0))
        return {"objective": float(self.cost @ x), "violation": float(violation)}


# Solvers. Each fills its model and returns a function that solves it: its status and x, if it has one.


def bidwright(instance, folder, limit, threads):
    """The answer that is there already, to be judged as the others are."""
    return lambda: (OPTIMAL, np.fromfile(pathlib.Path(folder, "x.f64"), dtype="<f8"))


def highs(method):
    def fill(instance, folder, limit, threads):
        import highspy

        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = instance.matrix.shape
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_, model.col_lower_, model.col_upper_ = instance.cost, instance.floor, instance.ceiling
        model.row_lower_, model.row_upper_ = instance.lower, instance.upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = instance.matrix.indptr, instance.matrix.indices
        model.a_matrix_.value_ = instance.matrix.data
        solver = highspy.Highs()
        options = {"output_flag": False, "solver": method, "threads": threads, "time_limit": limit}
        if method == "pdlp":
            options["pdlp_optimality_tolerance"] = FIRST_ORDER_TOLERANCE
        for option, value in options.items():
            assert solver.setOptionValue(option, value) == highspy.HighsStatus.kOk, option
        assert solver.passModel(model) == highspy.HighsStatus.kOk

        def solve():
            solver.run()
            status, solution = solver.getModelStatus(), solver.getSolution()
            optimal = status == highspy.HighsModelStatus.kOptimal
            words = OPTIMAL if optimal else solver.modelStatusToString(status).lower()
            return words, np.array(solution.col_value) if solution.value_valid else None

        return solve

    return fill


def glop(instance, folder, limit, threads):
    from ortools.linear_solver.python import model_builder_helper as builder

    model = builder.ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        instance.floor, instance.ceiling, instance.cost, instance.lower, instance.upper, instance.matrix.tocsr()
    )
    model.set_maximize(True)
    solver = builder.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(limit)

    def solve():
        solver.solve(model)
        return solver.status().name.lower(), solver.variable_values() if solver.has_solution() else None

    return solve


def pdlp(instance, folder, limit, threads):
    from ortools.pdlp import solve_log_pb2, solvers_pb2
    from ortools.pdlp.python import pdlp as library

    program = library.QuadraticProgram()
    program.resize_and_initialize(len(instance.cost), len(instance.lower))
    program.objective_vector, program.constraint_matrix = -instance.cost, instance.matrix
    program.variable_lower_bounds, program.variable_upper_bounds = instance.floor, instance.ceiling
    program.constraint_lower_bounds, program.constraint_upper_bounds = instance.lower, instance.upper
    options = solvers_pb2.PrimalDualHybridGradientParams(num_threads=threads)
    options.termination_criteria.time_sec_limit = limit
    criteria = options.termination_criteria.simple_optimality_criteria
    criteria.eps_optimal_relative = criteria.eps_optimal_absolute = FIRST_ORDER_TOLERANCE

    def solve():
        result = library.primal_dual_hybrid_gradient(program, options)
        reason = solve_log_pb2.TerminationReason.Name(result.solve_log.termination_reason)
        return reason.removeprefix("TERMINATION_REASON_").lower().replace("_", " "), result.primal_solution

    return solve


def clarabel(instance, folder, limit, threads):
    import clarabel as library

    # All rows as matrix x + slack = bound, slack >= 0.
    low, high = np.isfinite(instance.lower), np.isfinite(instance.upper)
    rows = instance.matrix.tocsr()
    matrix = sparse.vstack([rows[high], -rows[low], -sparse.identity(len(instance.cost))], format="csc")
    bounds = np.concatenate([instance.upper[high], -instance.lower[low], instance.floor])
    settings = library.DefaultSettings()
    settings.verbose, settings.time_limit, settings.max_threads = False, limit, threads
    cones = [library.NonnegativeConeT(len(bounds))]
    square = sparse.csc_matrix((len(instance.cost), len(instance.cost)))

    def solve():
        result = library.DefaultSolver(square, -instance.cost, matrix, bounds, cones, settings).solve()
        optimal = result.status == library.SolverStatus.Solved
        return OPTIMAL if optimal else str(result.status), np.array(result.x)

    return solve


SOLVERS = {
    "bidwright": bidwright,
    "HiGHS simplex": highs("simplex"),
    "HiGHS interior point": highs("ipm"),
    "HiGHS PDLP": highs("pdlp"),
    "GLOP": glop,
    "PDLP": pdlp,
    "Clarabel": clarabel,
}


def main(name, folder, limit, threads):
    started = time.perf_counter()
    instance = Instance(folder)
    solve = SOLVERS[name](instance, folder, limit, threads)
    built = time.perf_counter()
    status, x = solve()
    solved = time.perf_counter()
    result = {"build": built - started, "solve": solved - built, "status": status}
    result["peak_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if x is not None and len(x) == len(instance.cost) and np.isfinite(x).all():
        result |= instance.judge(x)
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
