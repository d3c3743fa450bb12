namespace Sampan.Cli.Terminals;

/// <summary>The key sequence that leaves a container running: "ctrl-p,ctrl-q" as bytes.</summary>
internal static class DetachKeys
{
    public static readonly byte[] Default = [16, 17];

    /// <summary>Reads "ctrl-p,ctrl-q" or "a,b,c"; <see cref="FormatException"/> otherwise.</summary>
    public static byte[] Parse(string text)
    {
        if (text.Length == 0) return Default;
        return [.. text.Split(',').Select(key => key switch
        {
            { Length: 1 } when key[0] < 128 => (byte)key[0],
            ['c', 't', 'r', 'l', '-', >= 'a' and <= 'z' and var letter] => (byte)(letter - 'a' + 1),
            "DEL" => (byte)127,
            "ctrl-@" => (byte)0,
            "ctrl-[" => (byte)27,
            "ctrl-\\" => (byte)28,
            "ctrl-]" => (byte)29,
            "ctrl-^" => (byte)30,
            "ctrl-_" => (byte)31,
            _ => throw new FormatException($"invalid detach keys ({text}): unknown character: '{key}'"),
        })];
    }
}
