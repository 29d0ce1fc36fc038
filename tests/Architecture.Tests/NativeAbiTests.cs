using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace CloudScale.Architecture.Tests;

/// <summary>What the C shim declares, exports and calls itself must be one thing.</summary>
[TestFixture]
internal sealed partial class NativeAbiTests
{
    private static readonly string s_header = File.ReadAllText(Repository.PathOf("native", "include", "cloudscale_native.h"));

    [Test]
    public void Header_DeclaredFunctions_AreTheSymbolMap()
    {
        string map = File.ReadAllText(Repository.PathOf("native", "cloudscale_native.map"));
        IEnumerable<string> declared = Declaration().Matches(s_header).Select(match => match.Groups[1].Value);
        IEnumerable<string> exported = Symbol().Matches(map).Select(match => match.Groups[1].Value);

        Assert.That(declared, Is.Not.Empty);
        Assert.That(exported, Is.EquivalentTo(declared));
        Assert.That(map, Does.Match(@"local:\s*\*;\s*\};\s*$"), "everything else stays inside");
    }

    [Test]
    public void Library_Version_IsTheHeaders()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "libcloudscale_native.so");
        if (!File.Exists(path))
            Assert.Ignore("libcloudscale_native.so is not built: ./build.sh native needs cmake and a C compiler");

        nint library = NativeLibrary.Load(path);
        int version = Marshal.GetDelegateForFunctionPointer<VersionFunction>(NativeLibrary.GetExport(library, "csn_version"))();
        int noop = Marshal.GetDelegateForFunctionPointer<VersionFunction>(NativeLibrary.GetExport(library, "csn_noop"))();

        Assert.That(version, Is.EqualTo(Part("MAJOR") << 16 | Part("MINOR") << 8 | Part("PATCH")), "a stale library: ./build.sh native");
        Assert.That(noop, Is.Zero);
    }

    private delegate int VersionFunction();

    private static int Part(string name) => int.Parse(Regex.Match(s_header, $@"#define CSN_VERSION_{name} (\d+)").Groups[1].Value);

    [GeneratedRegex(@"^CSN_API [^(]*?(csn_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s+(csn_\w+);", RegexOptions.Multiline)]
    private static partial Regex Symbol();
}
