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

/// <summary>Maps told by a key, beside a tuple and a struct.</summary>
[TermUnion(Key = "type")]
public abstract partial record Figure
{
    /// <summary>#{type => circle, radius => 1.5}</summary>
    [Term("circle", Shape = TermShape.Map)]
    public sealed partial record Circle(double Radius) : Figure;

    /// <summary>#{type => group, members => [...]}: contains itself.</summary>
    [Term("group", Shape = TermShape.Map)]
    public sealed partial record Group(List<Figure> Members, string? Name = null) : Figure;

    /// <summary>{line, From, To}</summary>
    [Term("line")]
    public sealed partial record Segment(Point From, Point To) : Figure;

    /// <summary>%Shop.Shape{}</summary>
    [Term("Shop.Shape", Shape = TermShape.Struct)]
    public sealed partial record Drawn(int Sides) : Figure;
}

/// <summary>Maps with text keys, as JSON has them.</summary>
[TermUnion(Key = "kind")]
public abstract partial record Event
{
    /// <summary>{"kind": "größe", "value": 1}</summary>
    [Term("größe", Shape = TermShape.Map, Keys = TermKeys.Binary)]
    public sealed partial record Size(int Value) : Event;

    /// <summary>{"kind": "closed"}</summary>
    [Term("closed", Shape = TermShape.Map, Keys = TermKeys.Binary)]
    public sealed partial record Closed : Event;
}
