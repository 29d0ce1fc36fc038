using System.Globalization;
using System.Text;

namespace CloudScale.Tool.Contracts;

/// <summary>From Erlang's names to C#'s.</summary>
internal sealed class Names
{
    private readonly HashSet<string> _taken = [];

    /// <summary>A name in PascalCase that no other has: <c>file_info</c> → <c>FileInfo</c>; a number is added where it is taken.</summary>
    public string Unique(string erlang)
    {
        string name = Pascal(erlang);
        string unique = name;
        for (int number = 2; !_taken.Add(unique); number++)
            unique = name + number.ToString(CultureInfo.InvariantCulture);
        return unique;
    }

    /// <summary>Makes a name unavailable.</summary>
    public void Reserve(string name) => _taken.Add(name);

    /// <summary>A name in PascalCase. What C# does not take in a name separates words; a name that would begin with a digit begins with <c>N</c>.</summary>
    public static string Pascal(string erlang)
    {
        StringBuilder name = new();
        bool isStart = true;
        foreach (char character in erlang)
        {
            if (!char.IsLetterOrDigit(character))
            {
                isStart = true;
                continue;
            }

            if (name.Length == 0 && char.IsDigit(character))
                name.Append('N');
            name.Append(isStart ? char.ToUpperInvariant(character) : character);
            isStart = false;
        }

        return name.Length == 0 ? "Unnamed" : name.ToString();
    }

    /// <summary>What the generator makes of a C# name: snake_case.</summary>
    public static string Snake(string name)
    {
        StringBuilder snake = new();
        for (int i = 0; i < name.Length; i++)
        {
            char character = name[i];
            bool begins =
                char.IsUpper(character) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && name[i - 1] != '_')
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(character));
        }

        return snake.ToString();
    }
}
