// Lends a tool of a running C# program (.NET 7 or later, for function pointers and UnmanagedCallersOnly).
//
// NOT TRIED: it is compiled and run by no test. It is meant as a beginning for who does it by P/Invoke: the same functions
// that tenon_attach.py calls by ctypes, which is tried.
using System;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

static unsafe class Attach
{
    const string Library = "tenon-attach"; // libtenon-attach.so, tenon-attach.dll

    [StructLayout(LayoutKind.Sequential)]
    struct Text { public byte* Data; public ulong Size; }

    [StructLayout(LayoutKind.Sequential)]
    struct Value { public void* Document; public ulong Index; }

    // tenon_call_api: as far as it is used here; `StructSize` tells how far it goes.
    [StructLayout(LayoutKind.Sequential)]
    struct CallApi
    {
        public uint StructSize, Reserved;
        public delegate* unmanaged[Cdecl]<RawCall*, Text, int> Finish;
        public delegate* unmanaged[Cdecl]<RawCall*, int, Text, int> Fail;
        public delegate* unmanaged[Cdecl]<RawCall*, double, double, Text, int> Progress;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct RawCall
    {
        public uint StructSize, Reserved;
        public CallApi* Api;
        public void* HostData;
        public Value Arguments, Meta;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Options
    {
        public uint StructSize, Flags;
        public void* Entry;
        public byte* Name, Title, Socket; // UTF-8, zero-terminated
        public uint Threads, Reserved;
        public void* Log, UserData;
    }

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int tenon_attach_tools(Options* options, byte* manifest, byte* tools,
                                         delegate* unmanaged[Cdecl]<void*, uint, RawCall*, int> call, void** attachment);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern void tenon_attach_json(RawCall* call, Value value, Text* json);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int tenon_attach_poll(void* attachment, int timeoutMs);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern void tenon_detach(void* attachment);

    const int Failed = -7; // TENON_ERROR_FAILED
    static int counter;

    // Nothing thrown may leave it.
    [UnmanagedCallersOnly(CallConvs = new[] { typeof(System.Runtime.CompilerServices.CallConvCdecl) })]
    static int OnCall(void* userData, uint index, RawCall* call)
    {
        try
        {
            Text json;
            tenon_attach_json(call, call->Arguments, &json);
            using var arguments = JsonDocument.Parse(Encoding.UTF8.GetString(json.Data, checked((int)json.Size)));
            counter += arguments.RootElement.TryGetProperty("by", out var by) ? by.GetInt32() : 1;
            return End(call, call->Api->Finish, JsonSerializer.Serialize(new
            {
                content = new[] { new { type = "text", text = counter.ToString() } }
            }));
        }
        catch (Exception error)
        {
            fixed (byte* data = Encoding.UTF8.GetBytes(error.Message + " "))
                return call->Api->Fail(call, Failed, new Text { Data = data, Size = (ulong)Encoding.UTF8.GetByteCount(error.Message) });
        }
    }

    static int End(RawCall* call, delegate* unmanaged[Cdecl]<RawCall*, Text, int> finish, string result)
    {
        var bytes = Encoding.UTF8.GetBytes(result);
        fixed (byte* data = bytes)
            return finish(call, new Text { Data = data, Size = (ulong)bytes.Length });
    }

    static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");

    static void Main()
    {
        fixed (byte* name = Terminated("counter"),
                     manifest = Terminated("""{"name": "counter", "version": "1.0.0"}"""),
                     tools = Terminated("""
                         [{"name": "count", "description": "Counts up",
                           "inputSchema": {"type": "object", "properties": {"by": {"type": "integer"}}},
                           "tenon": {"index": 0, "thread": "main"}}]
                         """))
        {
            var options = new Options { StructSize = (uint)sizeof(Options), Name = name };
            void* attachment;
            var status = tenon_attach_tools(&options, manifest, tools, &OnCall, &attachment);
            if (status != 0)
                throw new InvalidOperationException($"the program cannot lend its tools (status {status})");
            while (counter < 100) // the program's own loop
                tenon_attach_poll(attachment, 100);
            tenon_detach(attachment);
        }
    }
}
