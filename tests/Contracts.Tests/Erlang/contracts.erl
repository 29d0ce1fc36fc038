%% Judges what contracts write. Each line of the input: a term as Erlang source, a tab, our bytes in base64.
%% Each line of the output: "same" if our bytes are those of term_to_binary, "equal" if they are another form of the same term,
%% else what they are instead; a tab; the bytes of term_to_binary in base64.
-module(contracts).
-export([main/1]).

main([Input, Output]) ->
    {ok, Bytes} = file:read_file(Input),
    Lines = string:split(string:trim(unicode:characters_to_list(Bytes)), "\n", all),
    ok = file:write_file(Output, [judge(Line) || Line <- Lines]).

judge(Line) ->
    [Source, Base64] = string:split(Line, "\t"),
    {ok, Tokens, _} = erl_scan:string(Source ++ "."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Term, _} = erl_eval:exprs(Expressions, []),
    %% Deterministic: since OTP 26 the keys of a small map have no order of their own.
    Theirs = term_to_binary(Term, [{minor_version, 2}, deterministic]),
    Short = short_ports(Theirs),
    Ours = base64:decode(list_to_binary(Base64)),
    Verdict =
        case Ours of
            Theirs -> "same";
            Short -> "same";
            _ ->
                try binary_to_term(Ours) of
                    Term -> "equal";
                    Other -> io_lib:format("~0tp", [Other])
                catch
                    error:_ -> "no term"
                end
        end,
    [unicode:characters_to_binary(Verdict), $\t, base64:encode(Theirs), $\n].

%% Since OTP 26 all ports are written in 64 bits, V4_PORT_EXT; before, and by us, those that need no more are in 32, NEW_PORT_EXT.
short_ports(Bytes) -> binary:replace(Bytes, <<120, 119, 3, "a@b", 0:32>>, <<89, 119, 3, "a@b">>, [global]).
