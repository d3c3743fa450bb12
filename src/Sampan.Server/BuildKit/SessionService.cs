using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;
using Sampan.Server.Docker;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>A session inside of a call, for clients that do not open one by <c>POST /session</c>.</summary>
internal sealed class SessionService(DockerDaemon daemon, SessionRegistry sessions)
{
    /// <summary>Adds the method.</summary>
    internal void Map(GrpcMethods methods) => methods.Map(BuildKitServices.Control, "Session", ServeAsync);

    private async Task ServeAsync(GrpcCall call)
    {
        SessionPlace place;
        try
        {
            place = sessions.Open(SessionFacts.Read(call.Headers));
        }
        catch (SessionRefusedException refused)
        {
            throw new GrpcException(GrpcCode.InvalidArgument, refused.Message, refused);
        }
        using (place)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, daemon.Stopping);
            await place.ServeAsync(new CallStream(call), end.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The bytes of both directions of a call.</summary>
    private sealed class CallStream(GrpcCall call) : Http.OneWayStream
    {
        private ReadOnlyMemory<byte> _left;

        /// <inheritdoc/>
        public override bool CanRead => true;

        /// <inheritdoc/>
        public override bool CanWrite => true;

        /// <inheritdoc/>
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_left.IsEmpty)
            {
                if (await call.ReadAsync(BytesMessage.Parser).ConfigureAwait(false) is not { } message)
                    return 0;
                _left = message.Data.Memory;
            }
            var count = Math.Min(buffer.Length, _left.Length);
            _left[..count].CopyTo(buffer);
            _left = _left[count..];
            return count;
        }

        /// <inheritdoc/>
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(call.WriteAsync(new BytesMessage { Data = ByteString.CopyFrom(buffer.Span) }));

        /// <inheritdoc/>
        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
