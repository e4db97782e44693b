-- What peers need beside the product's tables: numbers for their tickets, and what PostGraphile cannot know by itself.

CREATE SEQUENCE IF NOT EXISTS benchmark_number;

-- ids of customers who write articles are no ids of agents here, so this relation holds
COMMENT ON TABLE article IS E'@foreignKey (author_id) references agent (id)';

CREATE OR REPLACE FUNCTION benchmark_open_ticket(
  title text, queue_id bigint, priority_id bigint, customer_user_id bigint, subject text, body text
) RETURNS ticket LANGUAGE plpgsql VOLATILE AS $$
DECLARE made ticket;
BEGIN
  INSERT INTO ticket (version, created_at, updated_at, number, title, title_key, priority_rank, archived, queue_id,
    state_id, priority_id, customer_user_id)
  VALUES (1, now(), now(), '9' || lpad(nextval('benchmark_number')::text, 12, '0'), benchmark_open_ticket.title,
    lower(benchmark_open_ticket.title), 3, false, benchmark_open_ticket.queue_id,
    (SELECT id FROM ticket_state WHERE name = 'new'), benchmark_open_ticket.priority_id,
    benchmark_open_ticket.customer_user_id) RETURNING * INTO made;
  INSERT INTO article (number, channel, sender_type, visible_for_customer, author_kind, author_id, author_name,
    recipients, copies, subject, body, reference_ids, created_at, ticket_id)
  VALUES (1, 'phone', 'customer', true, 'customer_user', benchmark_open_ticket.customer_user_id, 'Customer', '[]',
    '[]', benchmark_open_ticket.subject, benchmark_open_ticket.body, '[]', now(), made.id);
  INSERT INTO entry (name, shape, subject_kind, subject_id, actor_kind, actor_id, actor_name, data, depth, public, at)
  VALUES ('ticket.created', 1, 'ticket', made.id, 'agent', 1, 'Agent', '{}', 0, true, now());
  RETURN made;
END $$;
