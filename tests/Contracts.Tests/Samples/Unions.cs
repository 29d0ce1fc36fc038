namespace CloudScale.Contracts.Samples;

/// <summary>Atoms.</summary>
[Term]
public enum Colour
{
    /// <summary>red</summary>
    Red,

    /// <summary>dark_blue</summary>
    DarkBlue,

    /// <summary>'sea-green'</summary>
    [TermName("sea-green")]
    Green,
}

/// <summary>A closed set.</summary>
[TermUnion(typeof(Quit))]
public abstract partial record Command
{
    /// <summary>stop</summary>
    [Term("stop", Shape = TermShape.Atom)]
    public sealed partial record Stop : Command;

    /// <summary>{move, To}</summary>
    [Term("move")]
    public sealed partial record Move(Point To) : Command;

    /// <summary>{move, To, Colour}: told by its arity.</summary>
    [Term("move")]
    public sealed partial record MoveAndPaint(Point To, Colour Colour) : Command;

    /// <summary>%Shop.Cancel{}</summary>
    [Term("Shop.Cancel", Shape = TermShape.Struct)]
    public sealed partial record Cancel(long Id) : Command;

    /// <summary>{many, Commands}: contains itself.</summary>
    [Term("many")]
    public sealed partial record Many(List<Command> Commands) : Command;
}

/// <summary>A case that stands outside.</summary>
[Term("quit")]
public sealed partial record Quit([property: TermMember(Text = TermText.Atom)] string Why) : Command;

/// <summary>What a server answers.</summary>
[TermUnion]
public abstract partial record Reply
{
    /// <summary>{ok, Value}</summary>
    [Term("ok")]
    public sealed partial record Ok(object Value) : Reply;

    /// <summary>{error, Reason}</summary>
    [Term("error")]
    public sealed partial record Error(Atom Reason) : Reply;
}
