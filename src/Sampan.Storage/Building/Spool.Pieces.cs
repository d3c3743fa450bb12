using System.Security.Cryptography;
using Sampan.Storage.Content;

namespace Sampan.Storage.Building;

/// <content>Contents that come in pieces, by whoever sends them.</content>
internal sealed partial class Spool
{
    /// <summary>Takes a content that is here whole.</summary>
    internal (SourceContent Content, byte[] Digest) Take(ReadOnlySpan<byte> whole)
    {
        var start = _length;
        Append(whole);
        return (Since(start), SHA256.HashData(whole));
    }

    /// <summary>Begins a large content; until it is finished or disposed nothing else is taken.</summary>
    internal Pieces Begin() => new(this, TryAdd());

    /// <summary>A content while it comes.</summary>
    internal sealed class Pieces : IDisposable
    {
        private readonly Spool _spool;
        private readonly OwnFile? _own;
        private readonly BlockWriter? _writer;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly long _start;

        internal Pieces(Spool spool, OwnFile? own)
        {
            _spool = spool;
            _own = own;
            _writer = own?.Write();
            _start = spool._length;
        }

        /// <summary>Bytes so far.</summary>
        internal long Length { get; private set; }

        internal void Append(ReadOnlySpan<byte> piece)
        {
            _hash.AppendData(piece);
            Length += piece.Length;
            if (_writer is not null)
                _writer.Append(piece);
            else
                _spool.Append(piece);
        }

        internal (SourceContent Content, byte[] Digest) Finish()
        {
            if (_own is null || _writer is null)
                return (_spool.Since(_start), _hash.GetHashAndReset());
            _own.Finish(_writer);
            _spool.Written(_own);
            return (new(_own.OpenRead) { Own = _own }, _hash.GetHashAndReset());
        }

        public void Dispose()
        {
            _writer?.Dispose();
            _hash.Dispose();
        }
    }
}
