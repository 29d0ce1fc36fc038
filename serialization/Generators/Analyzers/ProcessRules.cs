using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>What the analyzers report about processes and their messages; README.md has a section for each.</summary>
/// <remarks>A rule that is certain to have found a mistake warns; one that cannot know what the author knows informs, or is off.</remarks>
internal static class ProcessRules
{
    private const string Category = "CloudScale.Processes";
    private const string Help = "serialization/Generators/Analyzers/README.md#";

    public static readonly DiagnosticDescriptor MutableMessage = Rule(
        "CSP001",
        "A message is shared with its receiver and must not change",
        "The message '{0}' is shared with its receiver and can change: {1}",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor MutableContract = Rule(
        "CSP002",
        "A contract should not hold what can change",
        "The contract '{0}' can change when it is shared as a message: {1}",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor MissingContract = Rule(
        "CSP003",
        "A message to another node needs a contract",
        "'{0}' stands for no term, so it cannot go to another node",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor LocalMessage = Rule(
        "CSP004",
        "A message has no contract",
        "'{0}' stands for no term: the message can reach processes of this node only",
        DiagnosticSeverity.Warning,
        enabled: false
    );

    public static readonly DiagnosticDescriptor BlockingCall = Rule(
        "CSP005",
        "A process body must not block its scheduler",
        "'{0}' blocks the scheduler that runs this process{1}",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor LockAcrossAwait = Rule(
        "CSP006",
        "A lock must not be held across an await",
        "'{0}' is still held at an await, after which the process may be on another thread",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor TaskDelay = Rule(
        "CSP007",
        "A process sleeps by its own clock",
        "Use 'Sleep' of the process: 'Task.Delay' leaves the scheduler, and does not follow the node's clock",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor EndlessLoop = Rule(
        "CSP008",
        "A loop without an end must let others run",
        "This loop has no end and no await, so the process never gives its scheduler back",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor ForeignSelf = Rule(
        "CSP009",
        "A Self is valid on its own process only",
        "'{0}' {1}, where it is not valid; hand out its Pid instead",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor StoredSelf = Rule(
        "CSP010",
        "A Self in a field may come into other hands",
        "'{0}' keeps a Self, which only its own process may use; pass it as a parameter",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor DroppedTask = Rule(
        "CSP011",
        "A ProcessTask must be awaited",
        "The result of '{0}' is not awaited",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor AwaitedTwice = Rule(
        "CSP012",
        "A ProcessTask must be awaited once",
        "'{0}' has been awaited already: its state is in use by others",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor ReceiveWithoutTimeout = Rule(
        "CSP013",
        "An answer of another node may never come",
        "This waits for ever if the message to '{0}' or its answer is lost: give it a time-out, or monitor the receiver",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor CallWithoutTimeout = Rule(
        "CSP014",
        "A call of another node has no time-out",
        "This call waits for ever if the server stays alive and does not answer",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor UnboundedAtom = Rule(
        "CSP015",
        "Atoms are never freed",
        "This makes an atom of {0}, and atoms are never freed: use Atom.TryGetExisting, or a string",
        DiagnosticSeverity.Warning
    );

    public static readonly DiagnosticDescriptor ParameterAtom = Rule(
        "CSP016",
        "An atom is made of a parameter",
        "This makes an atom of whatever callers pass as '{0}', and atoms are never freed",
        DiagnosticSeverity.Info
    );

    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity, bool enabled = true) =>
        new(id, title, message, Category, severity, enabled, helpLinkUri: Help + id.ToLowerInvariant());
}
