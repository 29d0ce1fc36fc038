%% sup, dyn_sup and task_sup.
-module(supervisors).
-compile([export_all, nowarn_export_all]).
-import(tool, [get_one/0, eventually/1]).

sup(S) ->
    Sup = {sup, S},
    Children = supervisor:which_children(Sup),
    [{w1, P1, worker, [conformance]}, {w2, P2, worker, [conformance]}] = lists:sort(Children),
    [w1, w2] = [id(P1), id(P2)],
    [{specs, 2}, {active, 2}, {supervisors, 0}, {workers, 2}] = supervisor:count_children(Sup),
    {ok, #{id := w1, start := {conformance, start_worker, [w1]}, restart := permanent, shutdown := 1000, type := worker, modules := [conformance]}} =
        supervisor:get_childspec(Sup, w1),
    %% however a worker ends, it is there again
    [begin
         P = child(Sup, w1),
         End(P),
         eventually(fun() -> Q = child(Sup, w1), is_pid(Q) andalso Q =/= P end),
         w1 = id(child(Sup, w1))
     end || End <- [fun(P) -> exit(P, kill) end, fun(P) -> P ! {exit, normal} end, fun(P) -> P ! {exit, crash} end, fun(P) -> exit(P, shutdown) end]],
    P2 = child(Sup, w2),
    ok.

sup_children(S) ->
    Sup = {sup, S},
    {ok, P} = supervisor:start_child(Sup, #{id => w3, start => {conformance, start_worker, [three]}}),
    three = id(P),
    {error, {already_started, P}} = supervisor:start_child(Sup, #{id => w3, start => {conformance, start_worker, [three]}}),
    ok = supervisor:terminate_child(Sup, w3),
    undefined = child(Sup, w3),
    {error, already_present} = supervisor:start_child(Sup, #{id => w3, start => {conformance, start_worker, [three]}}),
    {ok, Q} = supervisor:restart_child(Sup, w3),
    {error, running} = supervisor:restart_child(Sup, w3),
    {error, running} = supervisor:delete_child(Sup, w3),
    three = id(Q),
    ok = supervisor:terminate_child(Sup, w3),
    ok = supervisor:delete_child(Sup, w3),
    {error, not_found} = supervisor:terminate_child(Sup, w3),
    {error, not_found} = supervisor:restart_child(Sup, w3),
    {error, not_found} = supervisor:delete_child(Sup, w3),
    {error, not_found} = supervisor:get_childspec(Sup, w3),
    %% a specification as a tuple
    {ok, T} = supervisor:start_child(Sup, {w4, {conformance, start_worker, [{tuple, 4}]}, transient, 500, worker, [conformance]}),
    {tuple, 4} = id(T),
    {ok, #{restart := transient, shutdown := 500}} = supervisor:get_childspec(Sup, w4),
    T ! {exit, normal},
    eventually(fun() -> child(Sup, w4) =:= undefined end),
    ok = supervisor:delete_child(Sup, w4),
    {ok, T5} = supervisor:start_child(Sup, {w5, {conformance, start_worker, [5]}, temporary, brutal_kill, worker, dynamic}),
    exit(T5, kill),
    eventually(fun() -> not lists:keymember(w5, 1, supervisor:which_children(Sup)) end),
    {error, {no, _}} = supervisor:start_child(Sup, #{id => w6, start => {conformance, start_fail, [no]}}),
    {ok, undefined} = supervisor:start_child(Sup, #{id => w7, start => {conformance, start_ignore, []}}),
    undefined = child(Sup, w7),
    ok = supervisor:delete_child(Sup, w7),
    {ok, undefined} = supervisor:start_child(Sup, #{id => w8, start => {conformance, start_ignore, []}, restart => temporary}),
    false = lists:keymember(w8, 1, supervisor:which_children(Sup)),
    {error, {{'EXIT', {undef, _}}, _}} = supervisor:start_child(Sup, #{id => w9, start => {no, such, []}}),
    {error, {invalid_restart_type, x}} = supervisor:start_child(Sup, #{id => w10, start => {conformance, start_ignore, []}, restart => x}),
    {error, missing_start} = supervisor:start_child(Sup, #{id => w11}),
    {error, {invalid_child_spec, nonsense}} = supervisor:start_child(Sup, nonsense),
    [w1, w2] = lists:sort([I || {I, _, _, _} <- supervisor:which_children(Sup)]),
    ok.

dyn_sup(S) ->
    Sup = {dyn_sup, S},
    [] = supervisor:which_children(Sup),
    {ok, P} = supervisor:start_child(Sup, [one]),
    {ok, Q} = supervisor:start_child(Sup, [{two, 2}]),
    one = id(P),
    {two, 2} = id(Q),
    [{undefined, A, worker, [conformance]}, {undefined, B, worker, [conformance]}] = supervisor:which_children(Sup),
    true = lists:sort([A, B]) =:= lists:sort([P, Q]),
    [{specs, 1}, {active, 2}, {supervisors, 0}, {workers, 2}] = supervisor:count_children(Sup),
    exit(P, kill),
    eventually(fun() -> [{undefined, Q, worker, [conformance]}] =:= supervisor:which_children(Sup) end),
    M = monitor(process, Q),
    ok = supervisor:terminate_child(Sup, Q),
    {'DOWN', M, process, Q, shutdown} = get_one(),
    [] = supervisor:which_children(Sup),
    {error, not_found} = supervisor:terminate_child(Sup, Q),
    {error, simple_one_for_one} = supervisor:restart_child(Sup, x),
    {error, simple_one_for_one} = supervisor:delete_child(Sup, x),
    {error, {'EXIT', {undef, _}}} = supervisor:start_child(Sup, [too, many]),
    Many = [begin {ok, C} = supervisor:start_child(Sup, [N]), C end || N <- lists:seq(1, 200)],
    [C ! {exit, N} || {C, N} <- lists:zip(Many, lists:seq(1, 200))],
    eventually(fun() -> [] =:= supervisor:which_children(Sup) end),
    ok.

%% Killed with their supervisor, workers do not stay behind.
sup_killed(S) ->
    Sup = rpc:call(S, erlang, whereis, [sup]),
    W = child({sup, S}, w1),
    M = monitor(process, W),
    exit(Sup, kill),
    receive {'DOWN', M, process, W, _} -> ok after 5000 -> exit(worker_lives) end,
    eventually(fun() -> P = rpc:call(S, erlang, whereis, [sup]), is_pid(P) andalso P =/= Sup end),
    w1 = id(child({sup, S}, w1)),
    ok.

child(Sup, Id) -> {Id, P, _, _} = lists:keyfind(Id, 1, supervisor:which_children(Sup)), P.

id(P) ->
    Ref = make_ref(),
    P ! {self(), Ref, id},
    {Ref, Id} = get_one(),
    Id.
