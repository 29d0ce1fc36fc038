using System.Text;

namespace CloudScale.Serialization.Tests;

/// <summary>One line of the corpus: what real term_to_binary made of a term.</summary>
internal sealed record CorpusEntry(int Line, string Name, string Options, string Text, byte[] Bytes)
{
    public bool HasText => Text != "-";

    public static List<CorpusEntry> Read(string path)
    {
        List<CorpusEntry> entries = [];
        foreach (string line in File.ReadAllText(path, Encoding.UTF8).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split('\t');
            entries.Add(new CorpusEntry(entries.Count + 1, fields[0], fields[1], fields[2], Convert.FromBase64String(fields[3])));
        }

        return entries;
    }

    public override string ToString() =>
        $"line {Line}, {Name} {Options}, {Convert.ToHexString(Bytes.AsSpan(0, Math.Min(40, Bytes.Length)))}";
}
