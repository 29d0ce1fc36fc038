using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <content>The machine as sys and reports show it.</content>
public abstract partial class GenStateMachine<TState>
{
    private protected sealed override bool TellsMessages => false;

    private protected sealed override object SystemState => StateAndData();

    private protected sealed override async ProcessTask<object> ReplaceSystemState(Func<object, ProcessTask<object>> replace)
    {
        object replaced = await replace(StateAndData());
        if (replaced is not Tuple { Count: 2 } pair)
            throw new ArgumentException($"The state of a state machine is {{State, Data}}, not {Term.Format(replaced)}.", nameof(replace));
        TState state = StateTerms.Parse<TState>(pair[0]);
        SetData(pair[1]);
        SetState(state);
        return StateAndData();
    }

    private protected sealed override object SystemStatus(StatusRequest request) =>
        List.Of(
            Tuple.Of(Atom.Of("header"), StatusTerms.Header("Status for state machine ", Origin.Name ?? Self.Pid)),
            Tuple.Of(
                Atom.Of("data"),
                List.Of(
                    Tuple.Of(List.FromString("Status"), request.State),
                    Tuple.Of(List.FromString("Parent"), request.Parent),
                    Tuple.Of(List.FromString("Modules"), List.Of(Module)),
                    Tuple.Of(List.FromString("Time-outs"), Tuple.Of((long)(_timers?.Count ?? 0), _timers?.ToTerm() ?? List.Empty)),
                    Tuple.Of(List.FromString("Logged Events"), request.Log),
                    Tuple.Of(
                        List.FromString("Postponed"),
                        _postponed is null ? List.Empty : List.Create([.. _postponed.Select(postponed => postponed.ToTerm())])
                    )
                )
            ),
            Tuple.Of(Atom.Of("data"), List.Of(Tuple.Of(List.FromString("State"), FormatStatus(StateAndData(), null))))
        );

    private protected sealed override object StateForReport(object reason, object? message) => FormatStatus(StateAndData(), reason);

    private Tuple StateAndData() => Tuple.Of(StateTerms.Of(_state), StatusTerms.Shown(GetData()));
}
