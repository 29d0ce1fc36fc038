using System.Text;

namespace CloudScale.Tool.Nodes.Shell;

/// <summary>Reads a line from a terminal: history, the keys one expects, and completion by Tab.</summary>
/// <remarks>A line that is longer than the terminal is wide is shown by its end.</remarks>
internal sealed class LineEditor(Completion completion)
{
    private readonly List<string> _history = [];
    private readonly StringBuilder _line = new();
    private int _cursor;
    private int _at;

    /// <summary>Reads; null when the user has left by Ctrl-D.</summary>
    public async Task<string?> ReadAsync(string prompt)
    {
        _line.Clear();
        _cursor = 0;
        _at = _history.Count;
        while (true)
        {
            Show(prompt);
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            bool isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.WriteLine();
                    string line = _line.ToString();
                    if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
                        _history.Add(line);
                    return line;
                case ConsoleKey.D when isControl && _line.Length == 0:
                    Console.WriteLine();
                    return null;
                case ConsoleKey.Tab:
                    await CompleteAsync();
                    break;
                case ConsoleKey.Backspace when _cursor > 0:
                    _line.Remove(--_cursor, 1);
                    break;
                case ConsoleKey.Delete when _cursor < _line.Length:
                    _line.Remove(_cursor, 1);
                    break;
                case ConsoleKey.LeftArrow when _cursor > 0:
                    _cursor--;
                    break;
                case ConsoleKey.RightArrow when _cursor < _line.Length:
                    _cursor++;
                    break;
                case ConsoleKey.Home:
                case ConsoleKey.A when isControl:
                    _cursor = 0;
                    break;
                case ConsoleKey.End:
                case ConsoleKey.E when isControl:
                    _cursor = _line.Length;
                    break;
                case ConsoleKey.U when isControl:
                    _line.Remove(0, _cursor);
                    _cursor = 0;
                    break;
                case ConsoleKey.UpArrow when _at > 0:
                    Replace(_history[--_at]);
                    break;
                case ConsoleKey.DownArrow when _at < _history.Count:
                    _at++;
                    Replace(_at < _history.Count ? _history[_at] : "");
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                        _line.Insert(_cursor++, key.KeyChar);
                    break;
            }
        }
    }

    private void Replace(string line)
    {
        _line.Clear().Append(line);
        _cursor = line.Length;
    }

    private async Task CompleteAsync()
    {
        string before = _line.ToString(0, _cursor);
        (int start, IReadOnlyList<string> candidates) = await completion.CompleteAsync(before);
        string common = Completion.Common(candidates);
        if (common.Length > before.Length - start)
        {
            _line.Remove(start, _cursor - start).Insert(start, common);
            _cursor = start + common.Length;
        }
        else if (candidates.Count > 1)
        {
            Console.WriteLine();
            Console.WriteLine(string.Join("  ", candidates));
        }
    }

    private void Show(string prompt)
    {
        int room = Math.Max(Console.WindowWidth - prompt.Length - 1, 10);
        int start = Math.Max(0, _cursor - room);
        string shown = _line.ToString(start, Math.Min(_line.Length - start, room));
        Console.Write("\r\u001b[K" + prompt + shown + "\r\u001b[" + (prompt.Length + _cursor - start) + "C");
    }
}
