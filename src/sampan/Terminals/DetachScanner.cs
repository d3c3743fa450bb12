namespace Sampan.Cli.Terminals;

/// <summary>
/// Looks for the detach keys in what is typed. Keys of a sequence that has begun are held back until it is complete, then
/// swallowed, or until it breaks off, then passed on.
/// </summary>
internal sealed class DetachScanner(byte[] keys)
{
    private int _matched;

    /// <summary>Takes what was typed; <paramref name="detached"/> tells that the sequence is complete: what follows it is dropped.</summary>
    public byte[] Pass(ReadOnlySpan<byte> typed, out bool detached)
    {
        var passed = new List<byte>(typed.Length + keys.Length);
        detached = false;
        foreach (byte key in typed)
        {
            if (keys.Length > 0 && key == keys[_matched])
            {
                if (++_matched < keys.Length) continue;
                _matched = 0;
                detached = true;
                break;
            }
            if (_matched > 0)
            {
                passed.AddRange(keys.AsSpan(0, _matched));
                _matched = keys[0] == key && keys.Length > 1 ? 1 : 0;
                if (_matched == 1) continue;
            }
            passed.Add(key);
        }
        return [.. passed];
    }
}
