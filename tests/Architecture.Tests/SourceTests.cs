namespace CloudScale.Architecture.Tests;

/// <summary>Rules of the written source that no compiler checks.</summary>
[TestFixture]
internal sealed class SourceTests
{
    /// <summary>A file is one idea: about 100 lines, seldom over 400. This is where seldom ends.</summary>
    private const int MaxLines = 450;

    private static readonly string[] s_ownFolders =
    [
        .. Repository.ProductFolders.Where(folder => !folder.StartsWith("tests/", StringComparison.Ordinal)),
        "tests",
        "perf",
    ];
    private static readonly string[] s_textPatterns =
    [
        "*.cs",
        "*.csproj",
        "*.props",
        "*.targets",
        "*.c",
        "*.h",
        "*.erl",
        "*.json",
        "*.md",
        "CMakeLists.txt",
    ];

    // In pieces, so that this file keeps its own rules.
    private static readonly string[] s_unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception"];
    private static readonly string[] s_homes = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", @"C:\Us" + "ers", "/wo" + "rk/"];

    [Test]
    public void CSharpFiles_Lines_StayUnderTheLimit()
    {
        IEnumerable<string> long_ = s_ownFolders
            .SelectMany(folder => Repository.Files(folder, "*.cs"))
            .Select(path => (Path: path, Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines > MaxLines)
            .Select(file => $"{Repository.Name(file.Path)}: {file.Lines} lines");

        Assert.That(long_, Is.Empty, $"files over {MaxLines} lines: split them by role (Process.cs, Process.Links.cs)");
    }

    [Test]
    public void Files_Unfinished_AreNone() => Assert.That(LinesWith(s_unfinished), Is.Empty, "unfinished places");

    [Test]
    public void Files_PathsOfOneMachine_AreNone() => Assert.That(LinesWith(s_homes), Is.Empty, "paths that exist on one machine only");

    [Test]
    public void Repository_Files_AreFound() =>
        Assert.That(
            Repository.ProductFolders.Where(folder => !Repository.Files(folder, "*").Any()),
            Is.Empty,
            "product folders in which the other tests would find nothing to check"
        );

    /// <summary>Whoever posts past these loses the order of what a sender has on its way; see scheduler/Exploration/README.md.</summary>
    [Test]
    public void Mailboxes_AreReachedOverTheFewWays()
    {
        string[] ways =
        [
            "scheduler/Self.cs",
            "scheduler/ProcessSystem.Signals.cs",
            "scheduler/Processes/Process.cs",
            "scheduler/Mailboxes/Mailbox.cs",
        ];
        string[] calls = [".PostMessage(", "_mailbox.PostSignal(", "process.PostSignal("];
        IEnumerable<string> posts =
            from path in Repository.Files("scheduler", "*.cs")
            let text = File.ReadAllText(path)
            where calls.Any(call => text.Contains(call, StringComparison.Ordinal))
            select Repository.Name(path);

        Assert.That(posts, Is.SubsetOf(ways));
    }

    private static IEnumerable<string> LinesWith(string[] words) =>
        from folder in s_ownFolders
        from pattern in s_textPatterns
        from path in Repository.Files(folder, pattern)
        from line in File.ReadLines(path).Select((text, index) => (Text: text, Number: index + 1))
        from word in words
        where line.Text.Contains(word, StringComparison.Ordinal)
        select $"{Repository.Name(path)}:{line.Number}: {word}";
}
