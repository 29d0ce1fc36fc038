%% The plain services: echo, sink, etf, spawner, agents. Each function checks one sentence of the page, against the node S.
-module(plain).
-compile([export_all, nowarn_export_all]).
-import(tool, [ask/3, get_one/0, agent/1, do/2, eventually/1]).

echo(S) ->
    {echo, S} ! {self(), {hello, 1}},
    {E, {hello, 1}} = get_one(),
    S = node(E),
    E = rpc:call(S, erlang, whereis, [echo]),
    %% by alias, by name of the caller's node
    A = alias([reply]),
    {echo, S} ! {A, by_alias},
    {E, by_alias} = get_one(),
    register(echo_test, self()),
    {echo, S} ! {{echo_test, node()}, by_name},
    {E, by_name} = get_one(),
    unregister(echo_test),
    %% by a local name of its own node: sink discards it, and echo lives
    {echo, S} ! {nobody_has_this_name, lost},
    {echo, S} ! {{nobody_has_this_name, node()}, lost},
    {echo, S} ! {{sink, S}, unknown_shape},
    {echo, S} ! unknown_shape,
    {echo, S} ! {1, 2, 3},
    {echo, S} ! {"no destination", x},
    {echo, S} ! {self(), still_here},
    {E, still_here} = get_one(),
    ok.

%% Terms of every kind come back as they were.
terms(S) ->
    Here = self(),
    Big = 1 bsl 64,
    Terms = [0, 255, 256, -1, 1 bsl 31, -(1 bsl 31), (1 bsl 31) - 1, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1, (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63),
             -(1 bsl 63) - 1, Big, -Big, 1 bsl 2047, -(1 bsl 2048), 1 bsl 3000,
             0.0, -0.0, 1.5, -1.0e308, 4.9e-324, a, '', 'with space', 'ünïcödé', '日本', true, false, undefined, nil,
             [], [1, 2, 3], "abc", [256, 1], [a | b], [a, b | c], lists:seq(1, 70000), lists:duplicate(65536, 1),
             {}, {a}, list_to_tuple(lists:seq(1, 300)), #{}, #{a => 1, "b" => #{c => []}}, maps:from_list([{I, I} || I <- lists:seq(1, 100)]),
             #{1 => a, 1.0 => b},
             <<>>, <<1, 2, 3>>, <<1:1>>, <<1, 5:3>>, <<0:100000>>, self(), make_ref(), alias([reply]), hd(erlang:ports()),
             fun erlang:self/0, fun() -> Here end, fun(X) -> X + Big end, {nested, [{deep, #{k => [<<"v">>]}}]}],
    lists:foreach(fun(T) -> {echo, S} ! {self(), T} end, Terms),
    lists:foreach(fun(T) -> {_, T1} = get_one(), true = T =:= T1 end, Terms),
    Deep = lists:foldl(fun(_, T) -> [T] end, [], lists:seq(1, 100000)),
    {echo, S} ! {self(), Deep},
    {_, Deep} = get_one(),
    ok.

sink(S) ->
    ok = ask(sink, S, reset),
    [{sink, S} ! {seq, one, N} || N <- [1, 2, 3, 5, 6, 6]],
    [{sink, S} ! {blob, {two, "x"}, N, <<0:(N * 8)>>} || N <- [2, 3, 4]],
    [{sink, S} ! X || X <- [{seq, one, not_a_number}, {blob, x, 1, not_a_binary}, nonsense, {seq}, {a, b, c, d, e}]],
    #{one := {6, 6, 2, 0}, {two, "x"} := {3, 4, 1, 9}} = R = ask(sink, S, report),
    2 = map_size(R),
    ok = ask(sink, S, reset),
    #{} = R2 = ask(sink, S, report),
    0 = map_size(R2),
    T0 = now_ms(),
    ok = ask(sink, S, {pause, 300}),
    true = now_ms() - T0 < 250,
    #{} = ask(sink, S, report),
    true = now_ms() - T0 >= 300,
    A = alias([reply]),
    Ref = make_ref(),
    {sink, S} ! {A, Ref, report},
    {Ref, #{}} = get_one(),
    ok.

%% A flood into a sink that reads nothing: the sender is held back, and nothing is lost or out of order.
sink_flood(S) ->
    ok = ask(sink, S, reset),
    ok = ask(sink, S, {pause, 500}),
    B = <<0:(64 * 1024 * 8)>>,
    [{sink, S} ! {blob, flood, N, B} || N <- lists:seq(1, 800)],
    [{sink, S} ! {seq, small, N} || N <- lists:seq(1, 100000)],
    #{flood := {800, 800, 0, Bytes}, small := {100000, 100000, 0, 0}} = ask(sink, S, report),
    Bytes = 800 * 64 * 1024,
    ok = ask(sink, S, reset).

etf(S) ->
    Terms = [1, -1, 1 bsl 31, 1 bsl 63, -(1 bsl 63), 1 bsl 70, 1.5, a, 'é', '日本', "text", <<"bin">>, <<1:3>>, [a | b], #{a => 1, b => 2}, {x, [y]}, self(), make_ref(),
             fun erlang:self/0, lists:seq(1, 1000), binary:copy(<<"ab">>, 500), []],
    Options = [[], [compressed], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [deterministic], [compressed, deterministic, {minor_version, 1}]
               | [[{compressed, L}] || L <- lists:seq(0, 9)]],
    [begin
         {ok, Bin} = ask(etf, S, {encode, T, O}),
         true = T =:= binary_to_term(Bin),
         {ok, T} = ask(etf, S, {decode, Bin}),
         ok = ask(etf, S, {validate, Bin})
     end || T <- Terms, O <- Options],
    [begin
         Bin = term_to_binary(T, O),
         Size = byte_size(Bin),
         {ok, T1} = ask(etf, S, {decode, Bin}),
         true = T =:= T1,
         {ok, T1, Size} = ask(etf, S, {decode_used, <<Bin/binary, "more">>}),
         {ok, T1} = ask(etf, S, {decode, <<Bin/binary, "more">>}),
         ok = ask(etf, S, {validate, Bin})
     end || T <- Terms, O <- Options],
    %% what the options do
    {ok, <<131, 80, _/binary>>} = ask(etf, S, {encode, binary:copy(<<0>>, 10000), [compressed]}),
    {ok, <<131, 80, _/binary>>} = ask(etf, S, {encode, binary:copy(<<0>>, 10000), [{compressed, 1}]}),
    {ok, <<131, 109, _/binary>>} = ask(etf, S, {encode, binary:copy(<<0>>, 10000), [{compressed, 0}]}),
    {ok, <<131, 97, 1>>} = ask(etf, S, {encode, 1, [compressed]}),
    {ok, <<131, 99, _:31/binary>>} = ask(etf, S, {encode, 1.5, [{minor_version, 0}]}),
    {ok, <<131, 70, 1.5/float>>} = ask(etf, S, {encode, 1.5, [{minor_version, 1}]}),
    {ok, <<131, 119, 1, "a">>} = ask(etf, S, {encode, a, [{minor_version, 2}]}),
    {ok, <<131, 100, 0, 1, "a">>} = ask(etf, S, {encode, a, [{minor_version, 1}]}),
    {ok, D} = ask(etf, S, {encode, #{b => 1, a => 2, c => 3}, [deterministic]}),
    {ok, D} = ask(etf, S, {encode, #{c => 3, b => 1, a => 2}, [deterministic]}),
    %% what is wrong
    Bad = {error, badarg},
    [Bad = ask(etf, S, {encode, a, O}) || O <- [[foo], [{compressed, 10}], [{compressed, -1}], [{minor_version, 3}], [{minor_version, -1}], [{deterministic, true}], [compressed | x], foo]],
    Valid = term_to_binary({a, [1, 2.5, <<"x">>], #{k => 1 bsl 80}}),
    [Bad = ask(etf, S, {How, binary:part(Valid, 0, N)}) || How <- [decode, decode_used, validate], N <- lists:seq(0, byte_size(Valid) - 1)],
    [Bad = ask(etf, S, {decode, X}) || X <- [<<>>, <<130, 97, 1>>, <<131>>, <<131, 255>>, <<131, 80, 0, 0, 0, 9, 1, 2, 3>>, <<131, 80, 255, 255, 255, 255, 1>>,
        <<131, 108, 255, 255, 255, 255, 106>>, <<131, 109, 255, 255, 255, 255>>, <<131, 116, 0, 0, 0, 2, 97, 1, 97, 1, 97, 1, 97, 2>>, <<131, 70, 127, 240, 0, 0, 0, 0, 0, 0>>,
        <<131, 99, "nonsense", 0:(23 * 8)>>, <<131, 119, 1, 255>>, <<131, 77, 0, 0, 0, 1, 9, 255>>, <<131, 105, 255, 255, 255, 255>>, <<131, 82, 0>>, not_a_binary, 17, <<1:1>>]],
    [Bad = ask(etf, S, X) || X <- [nonsense, {decode}, {unknown, <<>>}, {encode, a}, {encode, a, [], more}]],
    {etf, S} ! nonsense,
    ok = ask(etf, S, {validate, Valid}).

%% Random bytes, and valid terms with one byte changed: the same verdict as Erlang's, never a dead service.
etf_fuzz(S) ->
    Pid = rpc:call(S, erlang, whereis, [etf]),
    rand:seed(exsss, 4711),
    Valid = term_to_binary({a, [1, 2.5, <<"x">>], #{k => 1 bsl 80, 3 => "text"}, [x | y], <<5:3>>}),
    [begin
         P = rand:uniform(byte_size(Valid) - 1),
         <<H:P/binary, _, T/binary>> = Valid,
         X = <<H/binary, (rand:uniform(256) - 1), T/binary>>,
         Expected = try {ok, binary_to_term(X)} catch error:badarg -> {error, badarg} end,
         {X, Expected} = {X, ask(etf, S, {decode, X})}
     end || _ <- lists:seq(1, 1500)],
    [ask(etf, S, {decode, <<131, (rand:bytes(rand:uniform(40)))/binary>>}) || _ <- lists:seq(1, 1000)],
    Pid = rpc:call(S, erlang, whereis, [etf]),
    ok.

spawner(S) ->
    Ref = make_ref(),
    {spawner, S} ! nonsense,
    {spawner, S} ! {new_agent, self(), Ref},
    {Ref, A} = get_one(),
    S = node(A),
    {links, []} = rpc:call(S, erlang, process_info, [A, links]),
    {ok, A} = do(A, {apply, erlang, self, []}),
    Al = alias([reply]),
    {spawner, S} ! {new_agent, Al, Ref},
    {Ref, A2} = get_one(),
    true = A2 =/= A,
    ok.

agent_apply(S) ->
    A = agent(S),
    {ok, 3} = do(A, {apply, conformance, add, [1, 2]}),
    {raise, error, why} = do(A, {apply, erlang, error, [why]}),
    {raise, exit, {x, 1}} = do(A, {apply, erlang, exit, [{x, 1}]}),
    {raise, throw, ball} = do(A, {apply, erlang, throw, [ball]}),
    {raise, error, undef} = do(A, {apply, no, such, []}),
    {raise, error, undef} = do(A, {apply, erlang, self, [1]}),
    {raise, error, badarg} = do(A, {apply, erlang, self, foo}),
    {raise, error, badarg} = do(A, {apply, erlang, self, [a | b]}),
    {raise, error, badarg} = do(A, {apply, "no", such, []}),
    {raise, error, badarg} = do(A, nonsense),
    {raise, error, badarg} = do(A, {nonsense, 1}),
    {raise, error, badarg} = do(A, {send_many, self(), t, -1}),
    {raise, error, badarg} = do(A, {send_many, self(), t, x}),
    {raise, error, badarg} = do(A, {pause, -1}),
    {ok, []} = do(A, inbox),
    ok.

agent_inbox(S) ->
    A = agent(S),
    [A ! M || M <- [one, {two, 2}, {cmd, too, short}, "three"]],
    {ok, [one, {two, 2}, {cmd, too, short}, "three"]} = do(A, inbox),
    {ok, []} = do(A, inbox),
    %% signals and replies
    {ok, false} = do(A, {apply, erlang, process_flag, [trap_exit, true]}),
    P = spawn(fun() -> receive {stop, R} -> exit(R) end end),
    {ok, M} = do(A, {apply, erlang, monitor, [process, P]}),
    {ok, true} = do(A, {apply, erlang, link, [P]}),
    P ! {stop, gone},
    [{'EXIT', P, gone}, {'DOWN', M, process, P, gone}] = lists:sort(inbox(A, 2)), % the shorter first
    {ok, M2} = do(A, {apply, erlang, monitor, [process, {no_such_name, node()}]}),
    Me = node(),
    [{'DOWN', M2, process, {no_such_name, Me}, noproc}] = inbox(A, 1),
    {ok, R} = do(A, {apply, erlang, spawn_request, [node(), erlang, self, [], [{reply_tag, tagged}, monitor]]}),
    Got = inbox(A, 2),
    {tagged, R, ok, Spawned} = lists:keyfind(tagged, 1, Got),
    {'DOWN', R, process, Spawned, normal} = lists:keyfind('DOWN', 1, Got),
    exit(A, {signal, 1}),
    Self = self(),
    [{'EXIT', Self, {signal, 1}}] = inbox(A, 1),
    {ok, Al} = do(A, {apply, erlang, alias, []}),
    Al ! to_alias,
    [to_alias] = inbox(A, 1),
    {ok, true} = do(A, {apply, erlang, unalias, [Al]}),
    Al ! lost,
    {ok, []} = do(A, inbox),
    ok.

agent_send(S) ->
    A = agent(S),
    {ok, 3} = do(A, {send_many, self(), t, 3}),
    [{t, 1}, {t, 2}, {t, 3}] = [get_one() || _ <- [1, 2, 3]],
    {ok, 0} = do(A, {send_many, self(), t, 0}),
    {ok, 2} = do(A, {flood, self(), f, 2, 5}),
    [{f, 1, <<0:40>>}, {f, 2, <<0:40>>}] = [get_one(), get_one()],
    register(send_test, self()),
    {ok, 1} = do(A, {send_many, {send_test, node()}, n, 1}),
    {n, 1} = get_one(),
    unregister(send_test),
    Al = alias(),
    {ok, 1000} = do(A, {send_many, Al, a, 1000}),
    [{a, I} = get_one() || I <- lists:seq(1, 1000)],
    unalias(Al),
    ok = ask(sink, S, reset),
    {ok, 5} = do(A, {send_many, sink, x, 5}),
    {raise, error, badarg} = do(A, {send_many, no_such_name, x, 5}),
    ok.

%% A flood to a process here that does not read, while another talks with the same node.
agent_flood(S) ->
    A = agent(S),
    B = agent(S),
    Me = self(),
    Slow = spawn_link(fun() -> receive go -> Me ! {got, drain(1, 600)} end end),
    Ref = make_ref(),
    A ! {cmd, self(), Ref, {flood, Slow, f, 600, 100000}},
    [{ok, N} = do(B, {apply, conformance, incr, [N - 1]}) || N <- lists:seq(1, 20)],
    Slow ! go,
    {Ref, {ok, 600}} = tool:get_tagged(Ref),
    receive {got, 600} -> ok after 10000 -> exit(flood) end.

agent_pause_exit(S) ->
    A = agent(S),
    T0 = now_ms(),
    {ok, paused} = do(A, {pause, 200}),
    true = now_ms() - T0 < 150,
    {ok, []} = do(A, inbox),
    true = now_ms() - T0 >= 200,
    M = monitor(process, A),
    A ! {cmd, self(), make_ref(), {exit, {my, reason}}},
    {'DOWN', M, process, A, {my, reason}} = get_one(),
    ok.

drain(I, N) when I > N -> N;
drain(I, N) -> receive {f, I, B} when byte_size(B) =:= 100000 -> drain(I + 1, N) after 10000 -> {lost, I} end.

inbox(A, N) -> inbox(A, N, []).
inbox(A, N, Before) ->
    {ok, L} = do(A, inbox),
    case Before ++ L of
        Enough when length(Enough) >= N -> Enough;
        Less -> timer:sleep(5), inbox(A, N, Less)
    end.

now_ms() -> erlang:monotonic_time(millisecond).
