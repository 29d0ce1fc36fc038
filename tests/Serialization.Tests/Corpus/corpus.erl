#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%%! +pc unicode
%% What real term_to_binary makes of many terms, and what real Erlang says about ours.
%%
%%   corpus.erl make File        one line an entry: Name, Options, the term as printed (or -), base64 of the bytes; tabs between
%%   corpus.erl check In Out     In: pairs of binaries (u32 length each); Out: "ok", or the numbers of the pairs that are not =:=
%%   corpus.erl oracle In Out    In: terms (u32 length each); Out: a tuple of what Erlang says about them, in external format
%%
%% Options: canonical (what term_to_binary of OTP 26 and later emits by default), minor0, minor1, compressed, value (not canonical).
-module(corpus).
-mode(compile).
-export([main/1]).

main(["make", File]) ->
    ok = file:write_file(File, [line(E) || E <- entries()]);
main(["check", In, Out]) ->
    {ok, Bin} = file:read_file(In),
    Bad = [I || {I, A, B} <- pairs(0, binaries(Bin)), not same(A, B)],
    ok = file:write_file(Out, case Bad of [] -> "ok"; _ -> io_lib:format("~w", [Bad]) end);
main(["oracle", In, Out]) ->
    {ok, Bin} = file:read_file(In),
    Terms = [binary_to_term(B) || B <- binaries(Bin)],
    ok = file:write_file(Out, term_to_binary({sorted(Terms), neighbours(Terms), texts(Terms), encoded(Terms), release()}, [{minor_version, 2}])).

%% The oracle.

sorted(Terms) ->
    Numbered = lists:zip(Terms, lists:seq(0, length(Terms) - 1)),
    [I || {_, I} <- lists:sort(fun({A, _}, {B, _}) -> A =< B end, Numbered)].

neighbours([A, B | Rest]) ->
    Sign = if A < B -> -1; A > B -> 1; true -> 0 end,
    [{Sign, A =:= B} | neighbours([B | Rest])];
neighbours(_) ->
    [].

texts(Terms) -> [text(T) || T <- Terms].

encoded(Terms) -> [term_to_binary(T, [{minor_version, 2}]) || T <- Terms].

text(T) ->
    Format = case release() of
                 Release when Release >= 26 -> "~0ktp";
                 _ -> "~0tp"
             end,
    unicode:characters_to_binary(io_lib:format(Format, [T])).

binaries(<<Length:32, B:Length/binary, Rest/binary>>) -> [B | binaries(Rest)];
binaries(<<>>) -> [].

pairs(I, [A, B | Rest]) -> [{I, A, B} | pairs(I + 1, Rest)];
pairs(_, []) -> [].

same(A, B) ->
    try value(A) =:= binary_to_term(B) catch _:_ -> false end.

%% What bytes mean. A release that refuses what an earlier one took must refuse it; they mean then what they meant.
value(Bytes) ->
    case [V || {B, Since, V} <- refused(), B =:= Bytes, release() >= Since] of
        [] -> binary_to_term(Bytes);
        [Value] -> refused = try binary_to_term(Bytes) catch error:badarg -> refused end, Value
    end.

%% Bytes, the first release that refuses them, and what they were before.
refused() ->
    [{<<131, 77, 0:32, 0>>, 27, <<>>}].

release() -> list_to_integer(erlang:system_info(otp_release)).

%% The corpus.

line({Name, Options, Term}) ->
    [Name, $\t, atom_to_list(Options), $\t, printed(Term), $\t, base64:encode(encode(Options, Term)), $\n];
line({Name, raw, Term, Bytes}) ->
    [Name, $\t, "value", $\t, printed(Term), $\t, base64:encode(Bytes), $\n].

%% The text, unless only this node would print it so, or it would fill the file.
printed(Term) ->
    case comparable(Term) andalso text(Term) of
        Text when is_binary(Text), byte_size(Text) < 1500 -> Text;
        _ -> <<"-">>
    end.

encode(canonical, T) -> term_to_binary(T, [{minor_version, 2}]);
encode(minor1, T) -> term_to_binary(T, [{minor_version, 1}]);
encode(minor0, T) -> term_to_binary(T, [{minor_version, 0}]);
encode(compressed, T) -> term_to_binary(T, [{minor_version, 2}, {compressed, 9}]).

%% Identities print with numbers that only this node knows; big maps print in an order that only this release knows.
comparable(T) when is_pid(T); is_reference(T); is_port(T) -> false;
comparable(T) when is_function(T) -> erlang:fun_info(T, type) =:= {type, external};
comparable([H | T]) -> comparable(H) andalso comparable(T);
comparable(T) when is_tuple(T) -> comparable(tuple_to_list(T));
comparable(T) when is_map(T) -> map_size(T) =< 32 andalso comparable(maps:to_list(T));
comparable(_) -> true.

entries() ->
    Plain = integers() ++ floats() ++ atoms() ++ binaries() ++ lists() ++ tuples() ++ maps() ++ nests() ++ identities() ++ funs() ++ messages(),
    [{Name, canonical, T} || {Name, T} <- Plain]
        ++ [{Name, Minor, T} || {Name, T} <- floats() ++ atoms() ++ identities() ++ funs() ++ messages(), Minor <- [minor0, minor1]]
        ++ [{Name, compressed, T} || {Name, T} <- compressible()]
        ++ old().

integers() ->
    Edges = [0, 128, 256, 1 bsl 15, 1 bsl 16, 1 bsl 27, 1 bsl 28, 1 bsl 31, 1 bsl 32, 1 bsl 40, 1 bsl 48, 1 bsl 56, 1 bsl 59, 1 bsl 60, 1 bsl 62, 1 bsl 63,
             1 bsl 64, 1 bsl 65, 1 bsl 127, 1 bsl 128, 1 bsl 1024, 1 bsl 2032, 1 bsl 2040, 1 bsl 2048, 1 bsl 8000],
    [{"integer", I} || E <- Edges, D <- [-1, 0, 1], I <- lists:usort([E + D, -(E + D)])].

floats() ->
    [{"float", F} || F <- [0.0, -0.0, 1.0, -1.0, 0.1, 1.5, 3.141592653589793, 1.0e-5, 1.0e5, 1000.0, 123456.789, 1.0e15, 1.0e16, 9007199254740991.0,
                           9007199254740992.0, 9007199254740993.0, 1.0e22, 1.0e23, 5.0e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -2.5e-10]].

atoms() ->
    [{"atom", A} || A <- [ok, '', 'hello world', 'Upper', 'when', a@b_1, 'it\'s', 'back\\slash', 'new\nline', 'é', 'ß', 'É', 'λ', '日本語', '😀', '\0',
                          list_to_atom(lists:duplicate(255, $a)), list_to_atom(lists:duplicate(255, 16#e9)), list_to_atom(lists:duplicate(255, 16#3bb)),
                          list_to_atom(lists:duplicate(255, 16#1f600))]].

binaries() ->
    [{"binary", B} || B <- [<<>>, <<0>>, <<"text">>, <<"naïve"/utf8>>, <<"Ωmega"/utf8>>, <<"😀"/utf8>>, <<233>>, <<255, 254>>, <<"tab\tnew\n\"q\"\\">>,
                            list_to_binary(lists:seq(0, 255)), binary:copy(<<"abc">>, 400)]]
        ++ [{"bitstring", B} || B <- [<<1:1>>, <<2:2>>, <<5:3>>, <<9:4>>, <<17:5>>, <<33:6>>, <<65:7>>, <<0:1>>, <<1, 2, 3:3>>, <<"abc", 1:1>>, <<16#ffff:15>>]].

lists() ->
    [{"list", L} || L <- [[], [a], [1, 2, 3], "text", "naïve", "Ωmega", "😀", [0], [255], [256], [255, 256], [-1, 1], [97, 98 | c], [a | b], [[] | []], [[]], [[], []],
                          [[[]]], [1 | 2.0], "line\nfeed\e", [1.0, "in", [$s | t]], lists:seq(1, 300), lists:seq(200, 300), lists:duplicate(1000, $z),
                          [lists:seq(0, 255), 0], ["a", "b" | <<"c">>]]].

tuples() ->
    [{"tuple", T} || T <- [{}, {a}, {a, b}, {{}, {{}}}, {1, 2.0, "three", <<"four">>, five, [six | seven]}, list_to_tuple(lists:seq(1, 255)),
                           list_to_tuple(lists:seq(1, 256)), list_to_tuple(lists:duplicate(1000, x))]].

maps() ->
    [{"map", M} || M <- [#{}, #{a => 1}, #{1 => int, 1.0 => float}, #{a => #{b => #{c => d}}}, #{#{k => v} => #{}}, #{[1] => 1, {1} => 2, <<1>> => 3, "x" => 4, 2 => 5},
                         #{{1, 2.0} => a, {1, 2} => b}, #{<<"k">> => <<"v">>, <<"kk">> => [1, 2, 3]}, squares(8), squares(9), squares(31), squares(32), squares(33),
                         squares(300), maps:from_list([{integer_to_binary(I), I} || I <- lists:seq(1, 100)]), maps:from_list([{{I, float(I)}, [I]} || I <- lists:seq(1, 40)])]].

squares(N) -> maps:from_list([{I, I * I} || I <- lists:seq(1, N)]).

nests() ->
    Up = fun(F) -> lists:foldl(fun(_, Acc) -> F(Acc) end, [], lists:seq(1, 150)) end,
    [{"nest", Up(fun(T) -> {T} end)}, {"nest", Up(fun(T) -> [T] end)}, {"nest", Up(fun(T) -> [T, a | b] end)}, {"nest", Up(fun(T) -> #{k => T} end)},
     {"nest", Up(fun(T) -> #{T => v} end)}, {"nest", Up(fun(T) -> {a, [T], #{1 => 2}} end)}].

identities() ->
    Remote = [pid(<<"a@host">>, 1, 0, 1), pid(<<"b@host">>, 16#ffffffff, 16#ffffffff, 16#ffffffff), pid(<<"é@host"/utf8>>, 7, 8, 9),
              port(<<"a@host">>, 1, 1), port(<<"a@host">>, 1 bsl 28 - 1, 2), port(<<"a@host">>, 1 bsl 28, 2), port(<<"a@host">>, 16#ffffffffffffffff, 3),
              ref(<<"a@host">>, 1, [1]), ref(<<"a@host">>, 2, [1, 2]), ref(<<"a@host">>, 3, [1, 2, 3]), ref(<<"a@host">>, 4, [16#3ffff, 16#ffffffff, 16#3fff]),
              ref(<<"a@host">>, 4, [16#40000, 2, 3]), ref(<<"a@host">>, 5, [1, 2, 3, 4]), ref(<<"a@host">>, 6, [16#ffffffff, 2, 3, 4, 16#ffffffff])],
    [{"identity", I} || I <- [self(), make_ref(), hd(erlang:ports()), [self(), self()], erlang:alias() | Remote]].

pid(Node, Id, Serial, Creation) -> binary_to_term(<<131, 88, (node_atom(Node))/binary, Id:32, Serial:32, Creation:32>>).
port(Node, Id, Creation) -> binary_to_term(<<131, 120, (node_atom(Node))/binary, Id:64, Creation:32>>).
ref(Node, Creation, Words) -> binary_to_term(<<131, 90, (length(Words)):16, (node_atom(Node))/binary, Creation:32, << <<W:32>> || W <- Words >>/binary>>).

node_atom(Node) -> <<119, (byte_size(Node)), Node/binary>>.

funs() ->
    X = 1, Y = #{two => "2"},
    F = fun() -> X end,
    [{"fun", T} || T <- [fun() -> ok end, fun(A) -> {A, X} end, fun(A, B) -> {A, B, X, Y} end, F, fun() -> {F, F()} end, {F, [F], #{f => F}},
                         fun lists:map/2, fun erlang:'+'/2, fun 'Elixir.Enum':'map!'/255, fun local/1]].

local(X) -> X.

messages() ->
    Ref = make_ref(),
    [{"message", M} || M <- [{'DOWN', Ref, process, self(), noproc}, {'EXIT', self(), {badarith, [{m, f, 1, [{file, "f.erl"}, {line, 3}]}]}},
                             {'$gen_call', {self(), [alias | Ref]}, {add, 1, 2}}, {rex, {ok, "Ünï", <<1, 2, 3>>, 1.5}}]].

compressible() ->
    [{"compressed", T} || T <- [lists:duplicate(5000, a), binary:copy(<<"0123456789">>, 1000), lists:seq(1, 700), lists:duplicate(70000, $a), squares(100),
                                binary:copy(<<0>>, 70000), [self() || _ <- lists:seq(1, 50)], pseudo_random(2500, 1, [])]].

%% Bytes that compress a little only, so that blocks with trees of their own occur.
pseudo_random(0, _, Acc) -> list_to_binary(Acc);
pseudo_random(N, Seed, Acc) ->
    Next = (Seed * 1103515245 + 12345) band 16#7fffffff,
    pseudo_random(N - 1, Next, [$a + (Next bsr 16) rem 11 | Acc]).

%% Forms that OTP still reads, or read once, but no longer writes, and forms that are not canonical.
old() ->
    [{Name, raw, value(B), B} || {Name, B} <- [
        {"REFERENCE_EXT", <<131, 101, 100, 0, 3, "a@h", 7:32, 1>>},
        {"NEW_REFERENCE_EXT", <<131, 114, 0, 3, 100, 0, 3, "a@h", 1, 1:32, 2:32, 3:32>>},
        {"PORT_EXT", <<131, 102, 100, 0, 3, "a@h", 7:32, 1>>},
        {"NEW_PORT_EXT", <<131, 89, 100, 0, 3, "a@h", 16#ffffffff:32, 1:32>>},
        {"V4_PORT_EXT", <<131, 120, 119, 3, "a@h", 5:64, 1:32>>},
        {"PID_EXT", <<131, 103, 100, 0, 3, "a@h", 7:32, 8:32, 1>>},
        {"SMALL_ATOM_EXT", <<131, 115, 3, "abc">>},
        {"SMALL_ATOM_EXT", <<131, 115, 1, 233>>},
        {"ATOM_UTF8_EXT", <<131, 118, 0, 1, "a">>},
        {"LARGE_TUPLE_EXT", <<131, 105, 1:32, 97, 1>>},
        {"LIST_EXT of bytes", <<131, 108, 2:32, 97, 1, 97, 2, 106>>},
        {"LIST_EXT in tail", <<131, 108, 1:32, 97, 1, 108, 1:32, 97, 2, 106>>},
        {"STRING_EXT in tail", <<131, 108, 1:32, 100, 0, 1, "a", 107, 0, 2, "bc">>},
        {"LIST_EXT of none", <<131, 108, 0:32, 97, 5>>},
        {"LIST_EXT of none", <<131, 108, 0:32, 106>>},
        {"STRING_EXT of none", <<131, 107, 0, 0>>},
        {"INTEGER_EXT", <<131, 98, 5:32>>},
        {"SMALL_BIG_EXT of none", <<131, 110, 0, 0>>},
        {"SMALL_BIG_EXT", <<131, 110, 3, 1, 5, 0, 0>>},
        {"SMALL_BIG_EXT", <<131, 110, 1, 2, 5>>},
        {"LARGE_BIG_EXT", <<131, 111, 9:32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1>>},
        {"FLOAT_EXT", <<131, 99, "1.50000000000000000000e+00", 0:40>>},
        {"FLOAT_EXT", <<131, 99, "+1.5", 0:216>>},
        {"BIT_BINARY_EXT", <<131, 77, 1:32, 8, 1>>},
        {"BIT_BINARY_EXT", <<131, 77, 0:32, 0>>},
        {"BIT_BINARY_EXT", <<131, 77, 1:32, 3, 255>>},
        {"EXPORT_EXT", <<131, 113, 100, 0, 1, "m", 100, 0, 1, "f", 98, 2:32>>},
        {"compressed", <<131, 80, 3:32, (zlib:compress(<<97, 1, 5>>))/binary>>}
    ]].
