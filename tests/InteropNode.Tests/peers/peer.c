/* A C node of Erlang's own library (ei) beside the sample: peer SAMPLE COOKIE. Prints "ok", or the first thing that is wrong. */
#include <arpa/inet.h>
#include <ei.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 20000 /* ms */
#define CHECK(condition) \
    do { \
        if (!(condition)) \
            fail(__LINE__, #condition); \
    } while (0)

static ei_cnode node;
static int link_fd;

static void fail(int line, const char *what)
{
    printf("line %d: not %s (erl_errno %d)\n", line, what, erl_errno);
    exit(1);
}

/* The text of a term that begins at an index. */
static char *text(const char *bytes, int index)
{
    char *made = NULL;
    CHECK(ei_s_print_term(&made, bytes, &index) >= 0);
    return made;
}

static void is_text(int line, const char *bytes, int index, const char *expected)
{
    char *made = text(bytes, index);
    if (strcmp(made, expected) != 0) {
        printf("line %d: %s, not %s\n", line, made, expected);
        exit(1);
    }
    free(made);
}

/* The next message, whatever else comes in between. */
static void receive_at(int fd, ei_x_buff *into)
{
    erlang_msg message;
    for (;;) {
        int status = ei_xreceive_msg_tmo(fd, &message, into, PATIENCE);
        CHECK(status != ERL_ERROR);
        if (status == ERL_MSG && (message.msgtype == ERL_SEND || message.msgtype == ERL_REG_SEND))
            return;
    }
}

static ei_x_buff receive(void)
{
    ei_x_buff into;
    CHECK(ei_x_new(&into) == 0);
    receive_at(link_fd, &into);
    return into;
}

/* Skips the version and the head of a tuple. */
static int into_tuple(const ei_x_buff *term, int arity)
{
    int index = 0, version, got;
    CHECK(ei_decode_version(term->buff, &index, &version) == 0);
    CHECK(ei_decode_tuple_header(term->buff, &index, &got) == 0 && got == arity);
    return index;
}

static void send_to(const char *name, ei_x_buff *message)
{
    CHECK(ei_reg_send(&node, link_fd, (char *)name, message->buff, message->index) == 0);
    ei_x_free(message);
}

static ei_x_buff begin(int arity)
{
    ei_x_buff made;
    CHECK(ei_x_new_with_version(&made) == 0);
    CHECK(ei_x_encode_tuple_header(&made, arity) == 0);
    return made;
}

/* Terms of every kind that ei writes come back as they went. */
static void echo(void)
{
    ei_x_buff message = begin(2), answer;
    int index, before;
    ei_x_encode_pid(&message, ei_self(&node));
    before = message.index;
    ei_x_encode_tuple_header(&message, 6);
    ei_x_encode_atom(&message, "text");
    ei_x_encode_string(&message, "chars");
    ei_x_encode_list_header(&message, 5);
    ei_x_encode_long(&message, 1);
    ei_x_encode_double(&message, 2.5);
    ei_x_encode_long(&message, -3);
    ei_x_encode_longlong(&message, 1ll << 40);
    ei_x_encode_tuple_header(&message, 0);
    ei_x_encode_empty_list(&message);
    ei_x_encode_binary(&message, "\0\1\2", 3);
    ei_x_encode_map_header(&message, 1);
    ei_x_encode_atom(&message, "key");
    ei_x_encode_list_header(&message, 2);
    ei_x_encode_atom(&message, "a");
    ei_x_encode_atom(&message, "b");
    ei_x_encode_empty_list(&message);
    ei_x_encode_list_header(&message, 1);
    ei_x_encode_empty_list(&message);
    ei_x_encode_atom(&message, "tail");
    char *sent = text(message.buff, before);
    send_to("echo", &message);
    answer = receive();
    index = into_tuple(&answer, 2);
    erlang_pid from;
    CHECK(ei_decode_pid(answer.buff, &index, &from) == 0);
    is_text(__LINE__, answer.buff, index, sent);
    free(sent);
    ei_x_free(&answer);
}

/* What a function of the sample gives, without a version before it. */
static ei_x_buff ask(const char *module, const char *function, const char *arguments)
{
    ei_x_buff list, answer;
    ei_x_new(&list);
    ei_x_new(&answer);
    CHECK(ei_x_format_wo_ver(&list, arguments) == 0);
    CHECK(ei_rpc(&node, link_fd, (char *)module, (char *)function, list.buff, list.index, &answer) >= 0);
    ei_x_free(&list);
    return answer;
}

static void call(const char *module, const char *function, const char *arguments, int line, const char *expected)
{
    ei_x_buff answer = ask(module, function, arguments);
    is_text(line, answer.buff, 0, expected);
    ei_x_free(&answer);
}

static void call_begins(const char *module, const char *function, const char *arguments, int line, const char *expected)
{
    ei_x_buff answer = ask(module, function, arguments);
    char *made = text(answer.buff, 0);
    if (strncmp(made, expected, strlen(expected)) != 0) {
        printf("line %d: %s, not %s...\n", line, made, expected);
        exit(1);
    }
    free(made);
    ei_x_free(&answer);
}

static void rpc(void)
{
    call("conformance", "add", "[40,2]", __LINE__, "42");
    call("conformance", "id", "[{a,\"b\",3.0}]", __LINE__, "{a, \"b\", 3.000000}");
    call("erlang", "node", "[]", __LINE__, "'sample@127.0.0.1'");
    call("erlang", "nodes", "[hidden]", __LINE__, "['c@127.0.0.1']");
    call("erlang", "nodes", "[]", __LINE__, "['peer@127.0.0.1']");
    call_begins("nobody", "knows", "[x]", __LINE__, "{badrpc, {'EXIT', {undef, ");
}

/* A long binary, in one piece: ei knows no fragments. */
static void blob(void)
{
    enum { length = 3000000 };
    int index = 0;
    long got = length;
    char *bytes = malloc(length);
    ei_x_buff answer = ask("conformance", "blob", "[3000000]");
    CHECK(ei_decode_binary(answer.buff, &index, bytes, &got) == 0 && got == length);
    for (int i = 0; i < length; i++)
        CHECK((unsigned char)bytes[i] == (i + 1) % 251);
    free(bytes);
    ei_x_free(&answer);
}

/* Asks {'$gen_call', {Self, Ref}, Request} as gen_server:call does. */
static void gen_call(const char *name, const char *request, int line, const char *expected)
{
    ei_x_buff message = begin(3), answer;
    erlang_ref sent, got;
    CHECK(ei_make_ref(&node, &sent) == 0);
    ei_x_encode_atom(&message, "$gen_call");
    ei_x_encode_tuple_header(&message, 2);
    ei_x_encode_pid(&message, ei_self(&node));
    ei_x_encode_ref(&message, &sent);
    CHECK(ei_x_format_wo_ver(&message, request) == 0);
    send_to(name, &message);
    answer = receive();
    int index = into_tuple(&answer, 2);
    CHECK(ei_decode_ref(answer.buff, &index, &got) == 0 && ei_cmp_refs(&sent, &got) == 0);
    is_text(line, answer.buff, index, expected);
    ei_x_free(&answer);
}

static void servers(void)
{
    gen_call("gs", "{echo,[1,two]}", __LINE__, "[1, two]");
    gen_call("gs", "{set_state,{from,c}}", __LINE__, "ok");
    gen_call("gs", "get_state", __LINE__, "{from, c}");
    gen_call("gs", "{set_state,init}", __LINE__, "ok");
    gen_call("sm", "{delay,1,done}", __LINE__, "done");
    gen_call("net_kernel", "{is_auth,'c@127.0.0.1'}", __LINE__, "yes");
}

static ei_x_buff ask_sink(const char *question)
{
    ei_x_buff message = begin(3);
    ei_x_encode_pid(&message, ei_self(&node));
    ei_x_encode_atom(&message, "ref");
    ei_x_encode_atom(&message, question);
    send_to("sink", &message);
    return receive();
}

/* Ten thousand to us, and ten thousand from us, each in order. */
static void order(void)
{
    enum { count = 10000 };
    ei_x_buff reset = ask_sink("reset");
    is_text(__LINE__, reset.buff, 1, "{ref, ok}");
    ei_x_free(&reset);
    for (int i = 1; i <= count; i++) {
        ei_x_buff message;
        ei_x_new_with_version(&message);
        CHECK(ei_x_format_wo_ver(&message, "{seq,c,~i}", i) == 0);
        send_to("sink", &message);
    }

    ei_x_buff answer = ask_sink("report");
    char *made = text(answer.buff, 1);
    CHECK(strncmp(made, "{ref, #{c => {10000, 10000, 0, ", 31) == 0);
    free(made);
    ei_x_free(&answer);

    ei_x_buff ask = begin(3);
    ei_x_encode_atom(&ask, "new_agent");
    ei_x_encode_pid(&ask, ei_self(&node));
    ei_x_encode_atom(&ask, "ref");
    send_to("spawner", &ask);
    answer = receive();
    int index = into_tuple(&answer, 2);
    erlang_pid agent;
    CHECK(ei_skip_term(answer.buff, &index) == 0 && ei_decode_pid(answer.buff, &index, &agent) == 0);
    ei_x_free(&answer);
    ei_x_buff command = begin(4);
    ei_x_encode_atom(&command, "cmd");
    ei_x_encode_pid(&command, ei_self(&node));
    ei_x_encode_atom(&command, "done");
    ei_x_encode_tuple_header(&command, 4);
    ei_x_encode_atom(&command, "send_many");
    ei_x_encode_pid(&command, ei_self(&node));
    ei_x_encode_atom(&command, "tag");
    ei_x_encode_long(&command, count);
    CHECK(ei_send(link_fd, &agent, command.buff, command.index) == 0);
    ei_x_free(&command);
    for (long i = 1; i <= count; i++) {
        long number;
        answer = receive();
        index = into_tuple(&answer, 2);
        CHECK(ei_skip_term(answer.buff, &index) == 0 && ei_decode_long(answer.buff, &index, &number) == 0 && number == i);
        ei_x_free(&answer);
    }

    answer = receive();
    is_text(__LINE__, answer.buff, 1, "{done, {ok, 10000}}");
    ei_x_free(&answer);
}

/* A global name of ours, given through the sample, which watches us and cannot ask us to be watched. */
static void global(void)
{
    erlang_pid found;
    char at[MAXNODELEN + 1];
    CHECK(ei_global_register(link_fd, "c_name", ei_self(&node)) == 0);
    CHECK(ei_global_whereis(&node, link_fd, "c_name", &found, at) == 0);
    CHECK(ei_cmp_pids(&found, ei_self(&node)) == 0 && strcmp(at, "c@127.0.0.1") == 0);
    CHECK(ei_global_unregister(&node, link_fd, "c_name") == 0);
    CHECK(ei_global_whereis(&node, link_fd, "c_name", &found, at) < 0);
    CHECK(ei_global_register(link_fd, "c_name", ei_self(&node)) == 0); /* who looks later finds it gone with us */
}

/* The sample calls another C node, which listens. */
static void called(struct in_addr *address, const char *cookie)
{
    ei_cnode other;
    ErlConnect from;
    int port = 0;
    CHECK(ei_connect_xinit(&other, "127.0.0.1", "listening", "listening@127.0.0.1", address, cookie, 2) >= 0);
    int listener = ei_xlisten(&other, address, &port, 5);
    CHECK(listener >= 0);
    int registered = ei_publish(&other, port);
    CHECK(registered >= 0);

    ei_x_buff cast;
    ei_x_new_with_version(&cast);
    CHECK(ei_x_format_wo_ver(&cast, "{'$gen_cast',{tell,{anybody,'listening@127.0.0.1'},hello}}") == 0);
    send_to("gs", &cast);
    int fd = ei_accept_tmo(&other, listener, &from, PATIENCE);
    CHECK(fd >= 0 && strcmp(from.nodename, "sample@127.0.0.1") == 0);
    ei_x_buff answer;
    ei_x_new(&answer);
    receive_at(fd, &answer);
    is_text(__LINE__, answer.buff, 1, "hello");
    ei_x_free(&answer);
    ei_close_connection(fd);
    ei_close_connection(listener);
    ei_close_connection(registered);
}

int main(int count, char **arguments)
{
    struct in_addr address;
    if (count != 3)
        return 2;
    const char *sample = arguments[1], *cookie = arguments[2];
    setvbuf(stdout, NULL, _IOLBF, 0);
    inet_aton("127.0.0.1", &address);
    CHECK(ei_init() == 0);
    CHECK(ei_connect_xinit(&node, "127.0.0.1", "c", "c@127.0.0.1", &address, cookie, 1) >= 0);
    ei_cnode stranger;
    CHECK(ei_connect_xinit(&stranger, "127.0.0.1", "stranger", "stranger@127.0.0.1", &address, "another-cookie", 3) >= 0);
    CHECK(ei_connect_tmo(&stranger, (char *)sample, PATIENCE) < 0);
    link_fd = ei_connect_tmo(&node, (char *)sample, PATIENCE);
    CHECK(link_fd >= 0);
    echo();
    rpc();
    blob();
    servers();
    order();
    global();
    called(&address, cookie);
    puts("ok");
    return 0;
}
