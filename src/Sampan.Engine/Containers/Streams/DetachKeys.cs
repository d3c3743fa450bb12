namespace Sampan.Engine.Containers.Streams;

/// <summary>Looks for the key sequence that detaches in what a person types. Bytes that may begin it are held back until that is decided.</summary>
internal sealed class DetachKeys
{
    private readonly byte[] _sequence;
    private int _matched;

    private DetachKeys(byte[] sequence) => _sequence = sequence;

    /// <summary>ctrl-p, ctrl-q.</summary>
    public const string Default = "ctrl-p,ctrl-q";

    /// <summary>Reads <c>ctrl-p,ctrl-q</c>, <c>a</c>, <c>ctrl-@</c>, <c>DEL</c>.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it is not such a notation.</exception>
    public static DetachKeys Parse(string text)
    {
        var bytes = new List<byte>();
        foreach (var key in text.Split(','))
        {
            if (key.Length == 1 && char.IsAscii(key[0]))
                bytes.Add((byte)key[0]);
            else if (key == "DEL")
                bytes.Add(127);
            else if (key.Length == 6 && key.StartsWith("ctrl-", StringComparison.Ordinal) && Control(key[5]) is { } code)
                bytes.Add(code);
            else
                throw EngineException.Invalid($"invalid detach keys ({text}): unknown key '{key}'");
        }

        return new DetachKeys([.. bytes]);
    }

    /// <summary>Takes what was typed; gives what may go on, and says whether the sequence is complete.</summary>
    public bool Scan(ReadOnlySpan<byte> typed, List<byte> onward)
    {
        foreach (var one in typed)
        {
            if (one == _sequence[_matched])
            {
                if (++_matched == _sequence.Length)
                    return true;
                continue;
            }

            onward.AddRange(_sequence.AsSpan(0, _matched));
            _matched = one == _sequence[0] ? 1 : 0;
            if (_matched == 0)
                onward.Add(one);
            else if (_sequence.Length == 1)
                return true;
        }

        return false;
    }

    private static byte? Control(char key) => key switch
    {
        >= 'a' and <= 'z' => (byte)(key - 'a' + 1),
        '@' => 0,
        '[' => 27,
        '\\' => 28,
        ']' => 29,
        '^' => 30,
        '_' => 31,
        _ => null,
    };
}
