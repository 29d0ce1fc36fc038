namespace CloudScale.Runtime.Behaviours;

/// <summary>The terms that a status is written in, as OTP's behaviours write them.</summary>
internal static class StatusTerms
{
    private static readonly Atom s_data = Atom.Of("data");

    /// <summary>The headline: text, and the name of the process.</summary>
    internal static object Header(string text, object name) => List.FromString(text + Term.Format(name));

    /// <summary>What every behaviour tells: its state for sys, its parent, the logged events.</summary>
    internal static Tuple Data(StatusRequest request) =>
        Tuple.Of(
            s_data,
            List.Of(
                Tuple.Of(List.FromString("Status"), request.State),
                Tuple.Of(List.FromString("Parent"), request.Parent),
                Tuple.Of(List.FromString("Logged events"), request.Log)
            )
        );

    /// <summary>A state that can travel: a term as it is, any other object as <c>{Class, Text}</c>.</summary>
    internal static object Shown(object? state)
    {
        if (state is null)
            return Atoms.Undefined;
        try
        {
            return Term.Normalize(state);
        }
        catch (ArgumentException)
        {
            return Tuple.Of(ModuleName.Of(state.GetType()), state.ToString() ?? "");
        }
    }
}
