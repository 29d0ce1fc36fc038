%% gs, sm, ge and what sys asks of them.
-module(servers).
-compile([export_all, nowarn_export_all]).
-import(tool, [get_one/0, eventually/1]).

gs_calls(S) ->
    G = {gs, S},
    Me = self(),
    init = gen_server:call(G, get_state),
    {t, [1]} = gen_server:call(G, {echo, {t, [1]}}),
    ok = gen_server:call(G, {set_state, {s, 1}}),
    {s, 1} = gen_server:call(G, get_state),
    {from, Me} = gen_server:call(G, caller),
    {error, unknown_call} = gen_server:call(G, whatever),
    {error, unknown_call} = gen_server:call(G, {sleep, soon}),
    ok = gen_server:cast(G, {set_state, init}),
    ok = gen_server:cast(G, nonsense),
    {gs, S} ! nonsense,
    {gs, S} ! {set_state, no},
    init = gen_server:call(G, get_state),
    ok = gen_server:cast(G, {tell, self(), {hi, 1}}),
    {hi, 1} = get_one(),
    register(gs_test, self()),
    ok = gen_server:cast(G, {tell, {gs_test, node()}, by_name}),
    by_name = get_one(),
    A = alias([reply]),
    ok = gen_server:cast(G, {tell, A, by_alias}),
    by_alias = get_one(),
    {gs, S} ! {ping, self()},
    {pong, P} = get_one(),
    P = rpc:call(S, erlang, whereis, [gs]),
    {pong, P} = begin P ! {ping, self()}, get_one() end,
    ok.

gs_time(S) ->
    G = {gs, S},
    T0 = now_ms(),
    R = gen_server:send_request(G, {reply_later, 300, late}),
    x = gen_server:call(G, {echo, x}),
    true = now_ms() - T0 < 250,
    {reply, late} = gen_server:receive_response(R, 5000),
    true = now_ms() - T0 >= 300,
    R2 = gen_server:send_request(G, {sleep, 200}),
    T1 = now_ms(),
    x = gen_server:call(G, {echo, x}),
    true = now_ms() - T1 >= 190,
    {reply, slept} = gen_server:receive_response(R2, 5000),
    {timeout, _} = catch_exit(fun() -> gen_server:call(G, no_reply, 50) end),
    ok.

%% What ends gs, and that it is there again within a second, as at first.
gs_ends(S) ->
    G = {gs, S},
    [begin
         ok = gen_server:call(G, {set_state, changed}),
         P = rpc:call(S, erlang, whereis, [gs]),
         M = monitor(process, P),
         End(),
         receive {'DOWN', M, process, P, Reason} -> ok after 5000 -> exit({no_end, Reason}) end,
         again(S, gs, P),
         init = gen_server:call(G, get_state)
     end || {Reason, End} <- [
         {boom, fun() -> {boom, {gen_server, call, _}} = catch_exit(fun() -> gen_server:call(G, {crash, boom}) end) end},
         {{b, 2}, fun() -> gen_server:cast(G, {crash, {b, 2}}) end},
         {normal, fun() -> bye = gen_server:call(G, {stop, normal, bye}) end},
         {why, fun() -> bye = gen_server:call(G, {stop, why, bye}) end},
         {killed, fun() -> exit(rpc:call(S, erlang, whereis, [gs]), kill) end},
         {by_signal, fun() -> exit(rpc:call(S, erlang, whereis, [gs]), by_signal) end},
         {terminated, fun() -> sys:terminate(G, terminated) end},
         {stopped, fun() -> gen_server:stop(G, stopped, 5000) end}]],
    ok.

%% Every service that dies is back.
killed(S) ->
    [begin
         P = rpc:call(S, erlang, whereis, [Name]),
         true = is_pid(P),
         exit(P, kill),
         again(S, Name, P)
     end || Name <- [echo, sink, etf, spawner, gs, sm, ge, sup, dyn_sup, task_sup, echo, gs, sup, rex, net_kernel, user, pg]],
    {echo, S} ! {self(), x},
    {_, x} = get_one(),
    {off, 0} = gen_statem:call({sm, S}, get),
    [conf_handler] = gen_event:which_handlers({ge, S}),
    main = gen_event:call({ge, S}, conf_handler, arg),
    ok.

%% The same again and again: no rate of crashes takes the node down.
crash_storm(S) ->
    [begin
         P = rpc:call(S, erlang, whereis, [gs]),
         exit(P, kill),
         again(S, gs, P)
     end || _ <- lists:seq(1, 30)],
    init = gen_server:call({gs, S}, get_state),
    ok.

again(S, Name, Old) ->
    T0 = now_ms(),
    eventually(fun() -> P = rpc:call(S, erlang, whereis, [Name]), is_pid(P) andalso P =/= Old end),
    true = now_ms() - T0 < 1000,
    ok.

gs_global(S) ->
    G = {global, {conformance, S}},
    eventually(fun() -> is_pid(global:whereis_name({conformance, S})) end),
    P = global:whereis_name({conformance, S}),
    S = node(P),
    true = P =/= rpc:call(S, erlang, whereis, [gs]),
    init = gen_server:call(G, get_state),
    ok = gen_server:call(G, {set_state, x}),
    init = gen_server:call({gs, S}, get_state),
    x = rpc:call(S, gen_server, call, [G, get_state]),
    x = rpc:call(S, gen_server, call, [{via, global, {conformance, S}}, get_state, 1000]),
    exit(P, kill),
    T0 = now_ms(),
    eventually(fun() -> Q = global:whereis_name({conformance, S}), is_pid(Q) andalso Q =/= P end),
    true = now_ms() - T0 < 1000,
    init = gen_server:call(G, get_state),
    ok.

sm(S) ->
    M = {sm, S},
    ok = gen_statem:cast(M, reset),
    {off, 0} = gen_statem:call(M, get),
    on = gen_statem:call(M, toggle),
    {on, 1} = gen_statem:call(M, get),
    off = gen_statem:call(M, toggle),
    on = gen_statem:call(M, toggle, 5000),
    {on, 3} = gen_server:call(M, get),
    T0 = now_ms(),
    R = gen_statem:send_request(M, {delay, 200, late}),
    R2 = gen_statem:send_request(M, {delay, 100, later}),
    {on, 3} = gen_statem:call(M, get),
    true = now_ms() - T0 < 90,
    {reply, later} = gen_statem:receive_response(R2, 5000),
    {reply, late} = gen_statem:receive_response(R, 5000),
    true = now_ms() - T0 >= 200,
    {error, unknown} = gen_statem:call(M, what),
    {error, unknown} = gen_statem:call(M, {delay, x, y}),
    ok = gen_statem:cast(M, unknown),
    M ! unknown,
    {on, 3} = gen_statem:call(M, get),
    ok = gen_statem:cast(M, reset),
    {off, 0} = gen_statem:call(M, get),
    P = rpc:call(S, erlang, whereis, [sm]),
    gen_statem:stop(M),
    again(S, sm, P),
    {off, 0} = gen_statem:call(M, get),
    ok.

ge(S) ->
    E = {ge, S},
    [conf_handler] = gen_event:which_handlers(E),
    main = gen_event:call(E, conf_handler, arg),
    ok = gen_event:call(E, conf_handler, clear),
    ok = gen_event:notify(E, one),
    ok = gen_event:sync_notify(E, {two, 2}),
    [one, {two, 2}] = gen_event:call(E, conf_handler, get),
    {t, 1} = gen_event:call(E, conf_handler, {echo, {t, 1}}),
    {error, bad_query} = gen_event:call(E, conf_handler, what),
    {error, bad_module} = gen_event:call(E, other, get),
    ok = gen_event:add_handler(E, {conf_handler, 2}, {arg, 2}),
    {error, {no, 1}} = gen_event:add_handler(E, {conf_handler, 3}, {refuse, {no, 1}}),
    [{conf_handler, 2}, conf_handler] = gen_event:which_handlers(E),
    {arg, 2} = gen_event:call(E, {conf_handler, 2}, arg, 1000),
    ok = gen_event:sync_notify(E, {tell, self(), hi}),
    [{conf_handler, hi}, {conf_handler, hi}] = [get_one(), get_one()],
    [] = gen_event:call(E, {conf_handler, 2}, get),
    ok = gen_event:call(E, conf_handler, clear),
    [] = gen_event:call(E, conf_handler, get),
    {terminated, bye} = gen_event:delete_handler(E, {conf_handler, 2}, bye),
    {error, module_not_found} = gen_event:delete_handler(E, {conf_handler, 2}, bye),
    ok = gen_event:add_sup_handler(E, {conf_handler, sup}, x),
    ok = gen_event:sync_notify(E, remove),
    {gen_event_EXIT, {conf_handler, sup}, normal} = get_one(),
    [] = gen_event:which_handlers(E),
    ok = gen_event:add_sup_handler(E, conf_handler, again),
    ok = gen_event:notify(E, {crash, oops}),
    {gen_event_EXIT, conf_handler, {'EXIT', oops}} = get_one(),
    [] = gen_event:which_handlers(E),
    ok = gen_event:add_handler(E, conf_handler, main),
    ok = gen_event:swap_handler(E, {conf_handler, bye}, {{conf_handler, next}, new}),
    {new, {terminated, bye}} = gen_event:call(E, {conf_handler, next}, arg),
    {terminated, x} = gen_event:delete_handler(E, {conf_handler, next}, x),
    P = rpc:call(S, erlang, whereis, [ge]),
    gen_event:stop(E),
    again(S, ge, P),
    eventually(fun() -> gen_event:which_handlers(E) =:= [conf_handler] end),
    ok.

sys(S) ->
    [begin
         N = {Name, S},
         _ = sys:get_state(N),
         {status, P, {module, _}, [_, running, _, _, _]} = sys:get_status(N),
         P = rpc:call(S, erlang, whereis, [Name]),
         ok = sys:suspend(N),
         {status, P, _, [_, suspended | _]} = sys:get_status(N),
         ok = sys:resume(N),
         ok = sys:statistics(N, true),
         {ok, [{start_time, _}, {current_time, _}, {reductions, _}, {messages_in, _}, {messages_out, _}]} = sys:statistics(N, get),
         ok = sys:statistics(N, false),
         {ok, no_statistics} = sys:statistics(N, get),
         ok = sys:log(N, true),
         {ok, _} = sys:log(N, get),
         ok = sys:log(N, {true, 20}),
         ok = sys:log(N, false),
         ok = sys:trace(N, false),
         ok = sys:no_debug(N),
         State = sys:get_state(N),
         State = sys:replace_state(N, fun conformance:id/1),
         {callback_failed, {_, system_replace_state}, {error, undef}} = catch_error(fun() -> sys:replace_state(N, fun conformance:no_such/1) end),
         {callback_failed, {_, system_replace_state}, {error, {badfun, _}}} = catch_error(fun() -> sys:replace_state(N, fun(X) -> X end) end),
         State = sys:get_state(N),
         ok = sys:terminate(N, {asked, to}),
         again(S, Name, P)
     end || Name <- [gs, sm, sup, dyn_sup, task_sup]],
    ok.

sys_states(S) ->
    ok = gen_server:call({gs, S}, {set_state, 41}),
    41 = sys:get_state({gs, S}),
    42 = sys:replace_state({gs, S}, fun conformance:incr/1),
    42 = gen_server:call({gs, S}, get_state),
    [init = sys:replace_state({gs, S}, fun conformance:id/1) || init <- [gen_server:call({gs, S}, get_state)]],
    ok = gen_server:call({gs, S}, {set_state, not_a_number}),
    {callback_failed, {gen_server, system_replace_state}, {error, badarith}} = catch_error(fun() -> sys:replace_state({gs, S}, fun conformance:incr/1) end),
    not_a_number = gen_server:call({gs, S}, get_state),
    {off, 0} = sys:get_state({sm, S}),
    {off, 0} = sys:replace_state({sm, S}, fun conformance:id/1),
    [{conf_handler, false, []}] = sys:get_state({ge, S}),
    [{conf_handler, false, []}] = sys:replace_state({ge, S}, fun conformance:id/1),
    [{conf_handler, false, []}] = sys:replace_state({ge, S}, fun(X) -> X end),
    {status, _, _, _} = sys:get_status({ge, S}),
    ok = sys:suspend({gs, S}),
    {timeout, _} = catch_exit(fun() -> gen_server:call({gs, S}, get_state, 50) end),
    ok = sys:resume({gs, S}),
    not_a_number = gen_server:call({gs, S}, get_state),
    ok = gen_server:call({gs, S}, {set_state, init}),
    ok.

catch_exit(F) -> try {returned, F()} catch exit:R -> R end.

catch_error(F) -> try {returned, F()} catch error:R -> R end.

now_ms() -> erlang:monotonic_time(millisecond).
