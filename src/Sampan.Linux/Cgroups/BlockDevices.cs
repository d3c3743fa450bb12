using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups;

/// <summary>Device numbers as the io controllers print them: <c>8:0</c>.</summary>
internal static class BlockDevices
{
    internal static bool TryParse(ReadOnlySpan<byte> text, out (uint Major, uint Minor) device)
    {
        device = default;
        var colon = text.IndexOf((byte)':');
        if (colon < 0 || !FieldReader.TryInt(text[..colon], out var major) || !FieldReader.TryInt(text[(colon + 1)..], out var minor) || major < 0 || minor < 0)
            return false;
        device = ((uint)major, (uint)minor);
        return true;
    }
}
