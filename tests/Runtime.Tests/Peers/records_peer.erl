%% Native records of OTP 29, and what only code that is compiled with them can say about one.
-module(records_peer).
-export([terms/0, add/1, compare/1, text/1]).
-export_record([point]).

-record #point{x = 0, y = 0}.
-record #secret{label, inner = none}.
-record #empty{}.

terms() ->
    Wide = [{list_to_atom("f" ++ integer_to_list(I)), I} || I <- lists:seq(1, 70)],
    [#point{x = 1, y = 2},
     #point{x = 1.5, y = {nested, [#point{}, #{point => #point{y = self()}}]}},
     #secret{label = <<"text">>, inner = #secret{label = 1 bsl 70}},
     #empty{},
     #{#point{x = key} => #point{x = value}},
     binary:copy(<<"x">>, 100000),
     #secret{label = binary:copy(<<"x">>, 100000)},
     wide(Wide)].

add(#point{x = X, y = Y} = P) -> {X + Y, is_record(P), records:get_field_names(P)}.

compare(Pairs) -> [if L < R -> -1; L > R -> 1; true -> 0 end || {L, R} <- Pairs].

text(Terms) -> [unicode:characters_to_binary(io_lib:format("~0tp", [T])) || T <- Terms].

%% A definition that no module has, as if the module had gone: made of its bytes.
wide(Fields) ->
    Bytes = fun(T) -> <<131, B/binary>> = term_to_binary(T), B end,
    binary_to_term(iolist_to_binary(
        [131, 67, <<(length(Fields)):32, 1>>, Bytes(nowhere), Bytes(wide), [Bytes(K) || {K, _} <- Fields], [Bytes(V) || {_, V} <- Fields]])).
