using System.Text;
using Google.Protobuf;
using Sampan.BuildKit.Grpc;

namespace Sampan.BuildKit.Files;

/// <summary>
/// Checks a list of files as it comes from outside: each path plain and inside, each below a directory that came before, none twice, all in the order of a
/// walk that takes a directory before what is in it and names by their bytes.
/// </summary>
internal sealed class PathOrder
{
    /// <summary>As the kernel has it.</summary>
    internal const int MaxPath = 4095;

    private const int MaxName = 255;

    // The directories that the walk is in, the innermost at the end.
    private readonly Stack<byte[]> _open = new();
    private byte[] _last = [];

    /// <summary>Takes the next path.</summary>
    /// <exception cref="GrpcException">It cannot come next, or ever.</exception>
    internal void Next(ByteString given, bool isDirectory)
    {
        var path = given.ToByteArray();
        if (!IsPlain(path))
            throw Refuse(path, "is no plain path inside of its directory");
        if (Compare(path, _last) <= 0)
            throw Refuse(path, $"comes after '{Show(_last)}', out of order or twice");
        while (_open.TryPeek(out var directory) && !IsBelow(path, directory))
            _open.Pop();
        var parent = path.AsSpan().LastIndexOf((byte)'/');
        if (parent < 0 ? _open.Count > 0 : !_open.TryPeek(out var innermost) || innermost.Length != parent)
            throw Refuse(path, "is in no directory of the list");
        if (isDirectory)
            _open.Push(path);
        _last = path;
    }

    /// <summary>A name for messages.</summary>
    internal static string Show(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path.Length > 200 ? path[..200] : path);
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }

    private static bool IsPlain(ReadOnlySpan<byte> path)
    {
        if (path.Length is 0 or > MaxPath || path.Contains((byte)0))
            return false;
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name.Length is 0 or > MaxName || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                return false;
        }
        return true;
    }

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory) => path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory);

    // A slash comes before every other byte, so that a directory comes right before what is in it.
    private static int Compare(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var same = one.CommonPrefixLength(other);
        if (same == one.Length || same == other.Length)
            return one.Length - other.Length;
        return one[same] == '/' ? -1 : other[same] == '/' ? 1 : one[same] - other[same];
    }

    private static GrpcException Refuse(ReadOnlySpan<byte> path, string why) => new(GrpcCode.InvalidArgument, $"path '{Show(path)}' of the client's files {why}: refused");
}
