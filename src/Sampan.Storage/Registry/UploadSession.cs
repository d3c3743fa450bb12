using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Files;

namespace Sampan.Storage.Registry;

/// <summary>
/// An upload: bytes that arrive in one or several requests, also after the registry was started anew.
/// <code>
/// ROOT/uploads/ID.json    whose it is
/// ROOT/uploads/ID.data    the bytes so far
/// </code>
/// </summary>
/// <remarks>One request at a time: enter, then append.</remarks>
public sealed class UploadSession : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    // The disk works while the next bytes come: the flush at the end then waits less.
    private const int StartBytes = 8 * 1024 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _path;
    private readonly string _algorithm;
    private IncrementalHash? _hash;
    private long _hashed;
    private SafeFileHandle? _file;

    internal UploadSession(Guid id, string path, RepositoryName repository, string? user, string algorithm, long length)
    {
        (Id, _path, Repository, User, _algorithm, Length) = (id, path, repository, user, algorithm, length);
    }

    /// <summary>Its name in URLs.</summary>
    public Guid Id { get; }

    /// <summary>The repository that it goes to.</summary>
    public RepositoryName Repository { get; }

    /// <summary>Who began it; null: there are no users.</summary>
    public string? User { get; }

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>True once it became a blob or was given up.</summary>
    public bool IsOver { get; private set; }

    internal string DataPath => _path;

    /// <summary>Waits until no other request writes to it.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False: another one still does.</returns>
    public async Task<bool> TryEnterAsync(TimeSpan patience, CancellationToken ct)
    {
        if (!await _turn.WaitAsync(patience, ct))
            return false;
        try
        {
            if (!IsOver)
                _file ??= File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            return true;
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    /// <summary>The request is done.</summary>
    public void Leave()
    {
        _file?.Dispose();
        _file = null;
        _turn.Release();
    }

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="StorageException">Refused: the disk took no more.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(OpenFile, bytes, Length);
        }
        catch (IOException full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
        if (_hashed == Length)
        {
            // In one go as a rule; what came before a restart is read again at the end.
            _hash ??= IncrementalHash.CreateHash(ContentDigest.HashOf(_algorithm));
            _hash.AppendData(bytes);
            _hashed += bytes.Length;
        }
        if (Length / StartBytes != (Length + bytes.Length) / StartBytes)
            OpenFile.StartWriting();
        Length += bytes.Length;
    }

    /// <summary>Takes bytes back: the request that brought them lied.</summary>
    /// <param name="length">How many stay.</param>
    public void TruncateTo(long length)
    {
        RandomAccess.SetLength(OpenFile, length);
        Length = length;
        if (_hashed > length)
            ForgetHash();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _hash?.Dispose();
    }

    /// <summary>The digest of what is there.</summary>
    internal ContentDigest Compute(string algorithm, CancellationToken ct)
    {
        if (algorithm != _algorithm)
        {
            using var other = IncrementalHash.CreateHash(ContentDigest.HashOf(algorithm));
            ReadInto(other, 0, ct);
            return ContentDigest.FromHash(algorithm, other.GetHashAndReset());
        }
        _hash ??= IncrementalHash.CreateHash(ContentDigest.HashOf(_algorithm));
        try
        {
            ReadInto(_hash, _hashed, ct);
        }
        catch
        {
            ForgetHash();
            throw;
        }
        var digest = ContentDigest.FromHash(algorithm, _hash.GetHashAndReset());
        ForgetHash();
        return digest;
    }

    /// <summary>Puts the bytes on the disk.</summary>
    /// <exception cref="StorageException">Refused: the disk took no more.</exception>
    internal void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(OpenFile);
        }
        catch (IOException full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    internal void End()
    {
        IsOver = true;
        ForgetHash();
    }

    private SafeFileHandle OpenFile => _file ?? throw new InvalidOperationException("the upload was not entered");

    private void ForgetHash()
    {
        _hash?.Dispose();
        (_hash, _hashed) = (null, 0);
    }

    private void ReadInto(IncrementalHash hash, long from, CancellationToken ct)
    {
        var buffer = new byte[BufferBytes];
        for (int read; (read = RandomAccess.Read(OpenFile, buffer, from)) > 0; from += read)
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
    }
}
